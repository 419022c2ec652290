package io.github.rlhf4j.filter;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.List;

/**
 * Rows that are judged in one piece, as they are stored.
 *
 * @param kind of all
 * @param lines one a row; nobody changes them
 */
record RowChunk(RecordKind kind, List<byte[]> lines) {
    DataRecord row(int i) {
        return RecordJson.fromStored(kind, lines.get(i));
    }
}
