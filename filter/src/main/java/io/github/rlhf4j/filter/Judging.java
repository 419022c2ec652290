package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.cluster.Chunks;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RecordSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has rows judged by the threads of this process, or by the workers of a cluster. Those are given more than a step's rows at once ({@link Chunks}); what a row's verdict is depends on the row alone. */
final class Judging {
    private final RecordSet<DataRecord> rows;
    private final RowJudge judge;
    private final Kernels kernels;
    private final Cluster cluster;
    private final List<Verdict> ahead = new ArrayList<>(); // of the rows from firstAhead on
    private long firstAhead;
    private @Nullable Chunks<byte[]> chunks;
    private @Nullable JudgeTask task;

    Judging(RecordSet<DataRecord> rows, RowJudge judge, StageContext context) {
        this.rows = rows;
        this.judge = judge;
        this.kernels = context.kernels();
        this.cluster = context.cluster();
    }

    /** A row with what is said of it. */
    record Judged(DataRecord row, Verdict verdict) {}

    /** The rows from {@code first} to {@code end}, judged. */
    List<Judged> of(long first, long end) {
        List<Verdict> elsewhere = cluster.hasWorkers() ? elsewhere(first, end) : List.of();
        Judged[] judged = new Judged[(int) (end - first)];
        JudgeTask.together(kernels, judged.length, i -> {
            DataRecord row = rows.get(first + i);
            judged[i] = new Judged(row, elsewhere.isEmpty() ? judge.judge(row) : elsewhere.get(i));
        });
        return Arrays.asList(judged);
    }

    private List<Verdict> elsewhere(long first, long end) {
        Chunks<byte[]> from = chunks;
        if (from == null || first != firstAhead) { // the first step of this process
            ahead.clear();
            from = new Chunks<>(rows.storedFrom(first), line -> line.length, cluster);
            chunks = from;
        }
        int count = (int) (end - first);
        while (ahead.size() < count) {
            cluster.map("rules", from.next(), task()).forEach(ahead::addAll);
        }
        List<Verdict> verdicts = List.copyOf(ahead.subList(0, count));
        ahead.subList(0, count).clear();
        firstAhead = end;
        return verdicts;
    }

    private JudgeTask task() {
        JudgeTask made = task;
        if (made == null) {
            WireWriter out = new WireWriter();
            judge.write(out);
            made = new JudgeTask(rows.kind(), out.blob());
            task = made;
        }
        return made;
    }
}
