package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Sequences travel as tokens, their scores as numbers. */
public final class ScoreKind implements TaskKind<ScoreTask, List<List<TokenSequence>>, List<List<BatchScorer.Scored>>> {
    @Override
    public String name() {
        return "score";
    }

    @Override
    public Class<ScoreTask> type() {
        return ScoreTask.class;
    }

    @Override
    public List<ModelVersion> models(ScoreTask task) {
        return List.of(task.model());
    }

    @Override
    public void writeTask(ScoreTask task, WireWriter out) {
        task.model().write(out);
        out.putDouble(task.temperature()).putInt(task.microBatchTokens());
    }

    @Override
    public ScoreTask readTask(WireReader in) {
        return new ScoreTask(ModelVersion.read(in), in.getDouble(), in.getInt());
    }

    @Override
    public void writeInput(List<List<TokenSequence>> groups, WireWriter out) {
        out.putList(
                groups,
                (to, group) -> to.putList(
                        group,
                        (each, sequence) -> each.putInts(sequence.ids())
                                .putInts(sequence.targets())
                                .putInts(sequence.scalarRows())
                                .putInts(sequence.targetIds())));
    }

    @Override
    public List<List<TokenSequence>> readInput(WireReader in) {
        return in.getList(from -> from.getList(
                each -> new TokenSequence(each.getInts(), each.getInts(), each.getInts(), each.getInts())));
    }

    @Override
    public void writeOutput(List<List<BatchScorer.Scored>> scores, WireWriter out) {
        out.putList(
                scores,
                (to, group) -> to.putList(
                        group,
                        (each, scored) -> each.putDoubles(scored.logProbs()).putDoubles(scored.scalars())));
    }

    @Override
    public List<List<BatchScorer.Scored>> readOutput(WireReader in) {
        return in.getList(from -> from.getList(each -> new BatchScorer.Scored(each.getDoubles(), each.getDoubles())));
    }
}
