package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.generation.TopTokens;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Requests of texts travel as tokens and keys of their randomness. Those that are held to a grammar or have a stop rule of their own are computed where they are made. */
public final class GenerateKind implements TaskKind<GenerateTask, List<GenerationRequest>, List<Generated>> {
    @Override
    public String name() {
        return "generate";
    }

    @Override
    public Class<GenerateTask> type() {
        return GenerateTask.class;
    }

    @Override
    public boolean canTravel(GenerateTask task, List<GenerationRequest> requests) {
        return requests.stream()
                .allMatch(request ->
                        request.stopRule() == StopRule.NEVER && request.constraint() == TokenConstraint.NONE);
    }

    @Override
    public List<ModelVersion> models(GenerateTask task) {
        return List.of(task.model());
    }

    @Override
    public void writeTask(GenerateTask task, WireWriter out) {
        task.model().write(out);
        SamplingOptions options = task.options();
        out.putBoolean(options.greedy())
                .putDouble(options.temperature())
                .putDouble(options.topP())
                .putInt(options.topK())
                .putDouble(options.minP())
                .putDouble(options.repetitionPenalty())
                .putInt(options.maxNewTokens())
                .putInts(options.stopIds())
                .putBoolean(options.ignoreStops())
                .putInt(options.topLogProbs())
                .putBoolean(options.wholeLogProbs());
    }

    @Override
    public GenerateTask readTask(WireReader in) {
        return new GenerateTask(
                ModelVersion.read(in),
                new SamplingOptions(
                        in.getBoolean(),
                        in.getDouble(),
                        in.getDouble(),
                        in.getInt(),
                        in.getDouble(),
                        in.getDouble(),
                        in.getInt(),
                        in.getInts(),
                        in.getBoolean(),
                        in.getInt(),
                        in.getBoolean()));
    }

    @Override
    public void writeInput(List<GenerationRequest> requests, WireWriter out) {
        out.putList(
                requests,
                (to, request) -> to.putInts(request.promptIds())
                        .putInt(request.samples())
                        .putLong(request.random().key()));
    }

    @Override
    public List<GenerationRequest> readInput(WireReader in) {
        return in.getList(
                from -> new GenerationRequest(from.getInts(), from.getInt(), new CounterRandom(from.getLong())));
    }

    @Override
    public void writeOutput(List<Generated> texts, WireWriter out) {
        out.putList(
                texts,
                (to, text) -> to.putInt(text.request())
                        .putInt(text.sample())
                        .putInts(text.ids())
                        .putDoubles(text.logProbs())
                        .putText(text.finishReason().name())
                        .putList(
                                text.top(),
                                (each, top) -> each.putInts(top.ids()).putFloats(top.logProbs())));
    }

    @Override
    public List<Generated> readOutput(WireReader in) {
        return in.getList(from -> new Generated(
                from.getInt(),
                from.getInt(),
                from.getInts(),
                from.getDoubles(),
                FinishReason.valueOf(from.getText()),
                from.getList(each -> new TopTokens(each.getInts(), each.getFloats()))));
    }
}
