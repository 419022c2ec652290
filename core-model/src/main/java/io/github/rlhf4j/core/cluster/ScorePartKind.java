package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ScorePart;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.Arrays;
import java.util.List;

/** Micro-batches travel as tokens, their scores as numbers. */
public final class ScorePartKind implements TaskKind<ScorePartTask, ScorePart, List<List<BatchScorer.Scored>>> {
    private static final ScoreKind SCORES = new ScoreKind();

    @Override
    public String name() {
        return "score-part";
    }

    @Override
    public Class<ScorePartTask> type() {
        return ScorePartTask.class;
    }

    @Override
    public List<ModelVersion> models(ScorePartTask task) {
        return List.of(task.model());
    }

    @Override
    public void writeTask(ScorePartTask task, WireWriter out) {
        SCORES.writeTask(new ScoreTask(task.model(), task.temperature(), task.microBatchTokens()), out);
    }

    @Override
    public ScorePartTask readTask(WireReader in) {
        ScoreTask task = SCORES.readTask(in);
        return new ScorePartTask(task.model(), task.temperature(), task.microBatchTokens());
    }

    @Override
    public void writeInput(ScorePart part, WireWriter out) {
        out.putList(part.microBatches(), (to, batch) -> SCORES.writeInput(batch, to));
        out.putInts(part.indices().stream().mapToInt(index -> index).toArray());
        out.putBoolean(part.onReplicas()).putLong(part.rowsOnReplicas());
    }

    @Override
    public ScorePart readInput(WireReader in) {
        return new ScorePart(
                in.getList(SCORES::readInput),
                Arrays.stream(in.getInts()).boxed().toList(),
                in.getBoolean(),
                in.getLong());
    }

    @Override
    public void writeOutput(List<List<BatchScorer.Scored>> scores, WireWriter out) {
        SCORES.writeOutput(scores, out);
    }

    @Override
    public List<List<BatchScorer.Scored>> readOutput(WireReader in) {
        return SCORES.readOutput(in);
    }
}
