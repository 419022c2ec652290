package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Judges rows by themselves, given as they are stored.
 *
 * @param rows the kind of all
 * @param judge a {@link RowJudge} as bytes
 */
record JudgeTask(RecordKind rows, Blob judge) implements Task<List<byte[]>, List<Verdict>> {
    private static final int PIECES = 16;

    @Override
    public List<Verdict> run(List<byte[]> stored, Worker worker) {
        RowJudge made = worker.made(judge, RowJudge::read);
        Verdict[] verdicts = new Verdict[stored.size()];
        together(
                worker.kernels(),
                verdicts.length,
                i -> verdicts[i] = made.judge(RecordJson.fromStored(rows, stored.get(i))));
        worker.advance(verdicts.length);
        return Arrays.asList(verdicts);
    }

    /** Does something for each of so many rows, by all threads. */
    static void together(Kernels kernels, int count, IntConsumer task) {
        int pieces = Math.min(PIECES, count);
        kernels.together(pieces, piece -> {
            int end = (int) ((piece + 1L) * count / pieces);
            for (int i = (int) ((long) piece * count / pieces); i < end; i++) {
                task.accept(i);
            }
        });
    }
}
