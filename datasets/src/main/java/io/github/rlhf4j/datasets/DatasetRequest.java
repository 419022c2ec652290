package io.github.rlhf4j.datasets;

import java.util.Map;

/**
 * What a {@link DatasetSource} is asked for.
 *
 * @param location what follows the source's name in {@code name:location}, or the path where the source is named by {@code format:}
 * @param columns the run file's {@code columns}: our name to theirs; empty where none are given
 * @param seed the seed of the run's data: the same for every stage of a run
 * @param split the part that will be used: the caller drops records outside of it, so they need no work
 * @param limit at most so many records will be read
 */
public record DatasetRequest(String location, Map<String, String> columns, long seed, SplitSpec split, long limit) {
    public DatasetRequest {
        columns = Map.copyOf(columns);
    }

    /** For all records. */
    public DatasetRequest(String location, Map<String, String> columns, long seed) {
        this(location, columns, seed, SplitSpec.ALL, DatasetSpec.NO_LIMIT);
    }
}
