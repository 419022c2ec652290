package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.wire.Blob;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Where a {@link DistributedCluster} has its work done: bytes in, bytes out, each by {@link WorkerRuntime#run}. It gives work that was lost to another worker; whether results are whole is not its concern.
 *
 * <p>Used by one thread at a time.
 */
public interface Backend extends AutoCloseable {
    /**
     * What a worker is given.
     *
     * @param name of the work, for those who watch
     * @param header the task, as {@link WorkerRuntime#run} takes it
     * @param blobs what it reads besides; each travels to a worker once
     * @param inputs one for each piece
     */
    record Work(String name, byte[] header, List<Blob> blobs, List<byte[]> inputs) {
        public Work {
            blobs = List.copyOf(blobs);
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * Runs all pieces.
     *
     * @param progress told of units as they are done, one call after another; those of a piece that was lost are told again
     * @return the results in the order of the inputs
     */
    List<byte[]> run(Work work, LongConsumer progress);

    /** How many pieces are done at once, about, >= 1. From any thread, also while {@link #run} is at work. */
    int workers();

    /** Nobody needs these bytes any more. */
    void forget(Blob blob);

    /** In a line, for the person who watches: {@code 2 processes of 1 thread}. */
    String description();

    @Override
    void close();
}
