package io.github.rlhf4j.core.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Cuts rows into the inputs of jobs: chunks of at most 1,000 rows and about 1 MiB, two for each piece of the cluster, fewer where rows are long, so that memory holds the rows of one job. For work whose results do not
 * depend on how rows are cut.
 *
 * @param <R> the row
 */
public final class Chunks<R> {
    private static final int ROWS = 1_000;
    private static final int BYTES = 1 << 20;
    private static final int CHUNKS_OF_A_PIECE = 2;
    private static final long JOB_BYTES = 64 << 20; // of long rows

    private final Iterator<R> rows;
    private final ToLongFunction<? super R> bytes;
    private final Cluster cluster;

    /**
     * @param rows are read when a job needs them
     * @param bytes of a row, about
     * @param cluster that computes
     */
    public Chunks(Iterator<R> rows, ToLongFunction<? super R> bytes, Cluster cluster) {
        this.rows = rows;
        this.bytes = bytes;
        this.cluster = cluster;
    }

    /** The chunks of the next job, in the order of the rows; none after the last row. */
    public List<List<R>> next() {
        int chunksOfAJob = CHUNKS_OF_A_PIECE * Math.max(cluster.pieces(), cluster.workers()); // workers come and go
        long bytesOfAJob = Math.max(JOB_BYTES, (long) chunksOfAJob * BYTES);
        List<List<R>> job = new ArrayList<>();
        long held = 0;
        while (job.size() < chunksOfAJob && held < bytesOfAJob && rows.hasNext()) {
            List<R> chunk = new ArrayList<>();
            long before = held;
            while (chunk.size() < ROWS && held - before < BYTES && rows.hasNext()) {
                R row = rows.next();
                chunk.add(row);
                held += bytes.applyAsLong(row);
            }
            job.add(chunk);
        }
        return job;
    }
}
