package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/**
 * How tasks of one type travel to other processes: their name and their bytes. Found by {@link java.util.ServiceLoader}, so a worker runs the kinds of its own class path and nothing else; no classes are named by what is sent.
 *
 * <p>A module declares its kinds in META-INF/services/io.github.rlhf4j.core.cluster.TaskKind. What is read must equal what was written, to the bit.
 *
 * @param <T> the tasks, a record
 * @param <I> their inputs
 * @param <O> their results
 */
public interface TaskKind<T extends Task<I, O>, I, O> {
    /** Unique among all kinds: {@code generate}. */
    String name();

    /** The class of the tasks. */
    Class<T> type();

    /** Whether a task with this input can leave the process; else it is computed here. */
    default boolean canTravel(T task, I input) {
        return true;
    }

    /** The models that the task asks its worker for. */
    default List<ModelVersion> models(T task) {
        return List.of();
    }

    /** What the task reads besides, which travels to a worker once: {@link Worker#made}. */
    default List<Blob> blobs(T task) {
        return List.of();
    }

    /** Writes a task's settings. */
    void writeTask(T task, WireWriter out);

    /** Reads what {@link #writeTask} wrote. */
    T readTask(WireReader in);

    /** Writes an input. */
    void writeInput(I input, WireWriter out);

    /** Reads what {@link #writeInput} wrote. */
    I readInput(WireReader in);

    /** Writes a result. */
    void writeOutput(O output, WireWriter out);

    /** Reads what {@link #writeOutput} wrote. */
    O readOutput(WireReader in);
}
