package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;

/** Says of a row, by itself, whether it stays. Safe from several threads; the same for the same row. */
interface RowRule {
    /** @param text what of the row is looked at, as rules before have left it */
    Judgement judge(DataRecord row, String text);

    /** Whether it shortens texts of rows that stay. */
    default boolean changesTexts() {
        return false;
    }

    /** Which rule it is, for {@link RuleKind#read} in another process. */
    RuleKind kind();

    /** Writes all that it needs, with what was read or trained for it. */
    void write(WireWriter out);
}
