package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.stream.Stream;

/** Rows of the synthetic world that a run file can name. */
interface SyntheticPart {
    RecordKind kind();

    /** The rows of a seed, the same each time. */
    Stream<DataRecord> records(long seed);
}
