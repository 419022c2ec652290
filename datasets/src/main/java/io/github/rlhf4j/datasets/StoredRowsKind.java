package io.github.rlhf4j.datasets;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.TaskKind;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/**
 * A kind of task whose inputs are rows as {@link RecordSet#storedFrom} gives them.
 *
 * @param <T> the tasks
 * @param <O> their results
 */
public interface StoredRowsKind<T extends Task<List<byte[]>, O>, O> extends TaskKind<T, List<byte[]>, O> {
    @Override
    default void writeInput(List<byte[]> stored, WireWriter out) {
        out.putList(stored, WireWriter::putBytes);
    }

    @Override
    default List<byte[]> readInput(WireReader in) {
        return in.getList(WireReader::getBytes);
    }
}
