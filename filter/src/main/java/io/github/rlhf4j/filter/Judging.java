package io.github.rlhf4j.filter;

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

/**
 * Has rows judged by the threads of this process, or by the workers of a cluster. Those are given more than a step's rows at once, in chunks of at most {@value #CHUNK_ROWS} rows and about {@value #CHUNK_BYTES} bytes; what a row's verdict is
 * depends on the row alone.
 */
final class Judging {
    private static final int CHUNK_ROWS = 1_000;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int CHUNKS_OF_A_PIECE = 2;

    private final RecordSet<DataRecord> rows;
    private final RowJudge judge;
    private final Kernels kernels;
    private final Cluster cluster;
    private final List<Verdict> ahead = new ArrayList<>(); // of the rows from firstAhead on
    private long firstAhead;
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
        List<Verdict> elsewhere = cluster.pieces() <= 1 ? List.of() : elsewhere(first, end);
        Judged[] judged = new Judged[(int) (end - first)];
        JudgeTask.together(kernels, judged.length, i -> {
            DataRecord row = rows.get(first + i);
            judged[i] = new Judged(row, elsewhere.isEmpty() ? judge.judge(row) : elsewhere.get(i));
        });
        return Arrays.asList(judged);
    }

    private List<Verdict> elsewhere(long first, long end) {
        if (first < firstAhead || first > firstAhead + ahead.size()) { // a run that continues
            ahead.clear();
            firstAhead = first;
        }
        ahead.subList(0, (int) (first - firstAhead)).clear();
        firstAhead = first;
        while (firstAhead + ahead.size() < end) {
            lookAhead();
        }
        return ahead.subList(0, (int) (end - first));
    }

    private void lookAhead() {
        List<RowChunk> chunks = new ArrayList<>();
        long next = firstAhead + ahead.size();
        while (next < rows.size() && chunks.size() < CHUNKS_OF_A_PIECE * cluster.pieces()) {
            RowChunk chunk = chunk(next);
            chunks.add(chunk);
            next += chunk.lines().size();
        }
        cluster.map("rules", chunks, task()).forEach(ahead::addAll);
    }

    private RowChunk chunk(long first) {
        List<byte[]> lines = new ArrayList<>();
        long bytes = 0;
        for (long i = first; i < rows.size() && lines.size() < CHUNK_ROWS && bytes < CHUNK_BYTES; i++) {
            byte[] line = rows.stored(i);
            lines.add(line);
            bytes += line.length;
        }
        return new RowChunk(rows.kind(), lines);
    }

    private JudgeTask task() {
        JudgeTask made = task;
        if (made == null) {
            WireWriter out = new WireWriter();
            judge.write(out);
            made = new JudgeTask(out.blob());
            task = made;
        }
        return made;
    }
}
