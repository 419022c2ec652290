package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Runs pure tasks on pieces of work and returns their results in the order of the pieces.
 *
 * <p>A piece is the unit of arithmetic: its result depends on the task, the piece and the weights it names, and on nothing else. So a piece may be computed anywhere, in any order, and more than once, and the results are the same bytes.
 * How work is cut into pieces is the caller's decision, never that of the number of workers, unless its results do not depend on the cut (as generated texts do not: {@link SharedModel#generate}).
 *
 * <p>Used by the thread that trains alone.
 */
public interface Cluster extends AutoCloseable {
    /**
     * The results of {@code task} on each input.
     *
     * @param name of the work, for messages: "roll-outs"
     * @param inputs not modified
     * @param task a record that knows its settings; it names the models it needs by their {@link ModelVersion}. One without a {@link TaskKind} is computed in this process
     * @return one result an input, in the order of the inputs
     * @throws TaskFailure where a task fails, with its name; a {@link io.github.rlhf4j.core.UserError} and what a file cannot do ({@link java.io.UncheckedIOException}) are thrown as they are
     */
    default <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task) {
        return map(name, inputs, task, units -> {});
    }

    /**
     * The same with progress.
     *
     * @param progress told how many units of work have been done since it was last told, one call after another: what tasks give to {@link Worker#advance}
     */
    <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress);

    /**
     * Begins the same with tasks, inputs and weights as they are now; the caller may change weights before it asks for the results, but not models' shapes. Other work of this cluster waits for it. Where there are no workers it is done at once.
     *
     * @return the results, when they are there; whoever begins something must ask for them
     */
    default <I, O> Supplier<List<O>> begin(String name, List<I> inputs, Task<I, O> task) {
        List<O> results = map(name, inputs, task);
        return () -> results;
    }

    /** The arithmetic of this process, whose threads do what is not sent. */
    Kernels kernels();

    /** Whether tasks are sent to workers, so that what costs more to send than to do is done here. */
    boolean hasWorkers();

    /** How many pieces work is best cut into where its results do not depend on that, >= 1. */
    int pieces();

    /** How many pieces are computed at once, about: what each of them costs to send decides between this and {@link #pieces}. */
    default int workers() {
        return pieces();
    }

    /**
     * Lets tasks use a model, until what is returned is closed, which must be before the model is.
     *
     * @param name unique among the models that are shared now
     * @param model the caller's; its weights may change, and {@link SharedModel#changed} then says so
     */
    SharedModel share(String name, Transformer model);

    @Override
    void close();
}
