package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.cluster.WorkerRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/** The results of a job, in the order of its pieces, each put here when Spark has it, in any order. */
final class Results extends AbstractFunction2<Object, byte[], BoxedUnit> {
    private final byte[][] byPiece;
    private final LongConsumer progress;

    /** @param progress told of the units of each piece when it is done */
    Results(int pieces, LongConsumer progress) {
        this.byPiece = new byte[pieces][];
        this.progress = progress;
    }

    @Override
    public synchronized BoxedUnit apply(Object piece, byte[] result) {
        byPiece[(Integer) piece] = result;
        progress.accept(WorkerRuntime.units(result));
        return BoxedUnit.UNIT;
    }

    synchronized List<byte[]> all() {
        return Arrays.asList(byPiece);
    }
}
