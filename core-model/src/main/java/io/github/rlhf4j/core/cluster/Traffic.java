package io.github.rlhf4j.core.cluster;

import java.util.Locale;

/**
 * What a stage had done elsewhere, and what that cost; files of replicas and shards are not counted.
 *
 * @param jobs lists of tasks
 * @param pieces tasks of all jobs
 * @param seconds from when a job was given away until all its results were there
 * @param onceBytes of new weights and other bytes, which each worker gets once
 * @param taskBytes of tasks and their inputs
 * @param resultBytes of results
 */
public record Traffic(long jobs, long pieces, double seconds, long onceBytes, long taskBytes, long resultBytes) {
    /** Nothing. */
    public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0);

    Traffic plus(Traffic more) {
        return new Traffic(
                jobs + more.jobs,
                pieces + more.pieces,
                seconds + more.seconds,
                onceBytes + more.onceBytes,
                taskBytes + more.taskBytes,
                resultBytes + more.resultBytes);
    }

    /** In a line. */
    public String inALine() {
        return String.format(
                Locale.ROOT,
                "%d jobs of %d pieces in %.1f s; bytes: %,d once to each worker, tasks %,d, results %,d (without files of replicas and shards)",
                jobs,
                pieces,
                seconds,
                onceBytes,
                taskBytes,
                resultBytes);
    }
}
