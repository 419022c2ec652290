package io.github.rlhf4j.datasets;

import java.util.stream.Stream;

/**
 * A dataset of the user's own, bound by name with {@link DatasetsModule#datasetBinder} and named in a run file as {@code dataset: name:location} or as
 * {@code dataset: {path: location, format: name}}.
 *
 * <p>An implementation is called from one thread and answers equal requests with equal records in equal order. A mistake of the user's (a missing file, an
 * unknown part) is an {@link io.github.rlhf4j.core.UserError}.
 */
public interface DatasetSource {
    /** The kind of all records of {@code request}. */
    RecordKind kind(DatasetRequest request);

    /**
     * Looks at what is asked for before a run starts, without doing its work. A source without this method is asked for its first record instead.
     *
     * @throws io.github.rlhf4j.core.UserError when {@link #records} would end in one
     */
    default void check(DatasetRequest request) {}

    /** The records, one after the other and not all in memory; the caller closes the stream. */
    Stream<? extends DataRecord> records(DatasetRequest request);
}
