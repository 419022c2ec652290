package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/**
 * The example of one row.
 *
 * @param promptHash as {@link CacheWriter#keep} takes it
 * @param parts as {@link ExampleFormat} has it
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record RowExample(long promptHash, int[][] parts) {
    void write(WireWriter out) {
        out.putLong(promptHash).putList(List.of(parts), WireWriter::putInts);
    }

    static RowExample read(WireReader in) {
        return new RowExample(in.getLong(), in.getList(WireReader::getInts).toArray(int[][]::new));
    }
}
