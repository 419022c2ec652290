package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a task finds where it runs. All of it belongs to the worker: a task closes and changes nothing. */
public interface Worker {
    /** The arithmetic. */
    Kernels kernels();

    /** A model with the weights of that version. Weights travel to a worker once a version. */
    Transformer model(ModelVersion version);

    /** A generator of that model, within {@link io.github.rlhf4j.core.generation.GenerationLimits#DEFAULT}. */
    Generator generator(ModelVersion version);

    /**
     * A scorer of that model.
     *
     * @param microBatchTokens rows at once; 0 chooses by the size of the model
     */
    BatchScorer scorer(ModelVersion version, int microBatchTokens);

    /**
     * Something that is made of a model when a task first asks for it, and kept for later tasks while that model is shared, if the worker can: what a task finds in it must not change its result.
     *
     * @param of any version of the model
     * @param key of what is made, unique for that model
     */
    <R extends Kept> R kept(ModelVersion of, String key, Supplier<R> make);

    /**
     * Something that is made of bytes which travelled with the task ({@link TaskKind#blobs}) when a task first asks for it, and kept for the tasks that follow with the same bytes, and closed after them if it is {@link Kept}: what a task finds in it must not change its result.
     *
     * @param of the bytes, or only their digest
     */
    <R> R made(Blob of, Function<WireReader, R> make);

    /** What a worker keeps. */
    interface Kept extends AutoCloseable {
        @Override
        void close();
    }

    /** So many more units of work are done, for those who watch; changes no result. */
    void advance(long units);
}
