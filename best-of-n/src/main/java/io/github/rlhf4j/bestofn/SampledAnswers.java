package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.RowPlaces;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/** Responses of the model as it is, scored. */
final class SampledAnswers {
    private final StageContext context;
    private final RecordSet<Prompt> rows;
    private final CachedExamples<TokenizedPrompt> prompts;
    private final RolloutEngine engine;
    private final Rewards rewards;
    private final Optional<RewardFunction> measure;
    private final MissingEosConfig missingEos;

    /**
     * @param rows as the dataset has them
     * @param prompts the same as tokens
     * @param engine of the model
     * @param measure beside the rewards
     */
    SampledAnswers(
            BestOfNConfig config,
            StageContext context,
            RecordSet<Prompt> rows,
            CachedExamples<TokenizedPrompt> prompts,
            RolloutEngine engine,
            Rewards rewards,
            Optional<RewardFunction> measure) {
        this.context = context;
        this.rows = rows;
        this.prompts = prompts;
        this.engine = engine;
        this.rewards = rewards;
        this.measure = measure;
        this.missingEos = config.choice().missingEos();
    }

    /**
     * Samples and scores.
     *
     * @param step of the loop
     * @param first index of the first prompt
     * @param count of prompts
     */
    List<Group> of(long step, long first, int count) {
        List<TokenizedPrompt> batch = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batch.add(prompts.get(index(first + i)));
        }
        List<List<Rollout>> sampled =
                engine.sample(batch, context.random().derive("generation").derive(step));
        IntFunction<Map<String, Object>> described = described(first, count);
        List<List<Rollout>> scored = RewardFailure.named(
                () -> rewards.scoreGroups(sampled),
                place -> described.apply(place / sampled.get(0).size()));
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Rollout> responses = scored.get(i).stream()
                    .filter(Rollout::isScored)
                    .map(missingEos::penalised)
                    .toList();
            if (!responses.isEmpty()) {
                long index = index(first + i);
                groups.add(new Group(index, rows.get(prompts.sourceRow(index)), responses));
            }
        }
        return groups;
    }

    /** What some prompts were made of, by their place among them. */
    private IntFunction<Map<String, Object>> described(long first, int count) {
        return RowPlaces.once(() -> {
            long[] indices =
                    LongStream.range(first, first + count).map(this::index).toArray();
            List<Map<String, Object>> known = prompts.describe(indices);
            List<Map<String, Object>> described = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("index", indices[i]);
                row.putAll(known.get(i));
                described.add(row);
            }
            return described;
        });
    }

    /** The data begin again at their end. */
    private long index(long prompt) {
        return prompt % prompts.size();
    }

    /** What a response is measured by beside its reward, for each of a group's, NaN where the function says nothing; empty: nothing measures. */
    double[] measures(Group group) {
        if (measure.isEmpty()) {
            return new double[0];
        }
        List<RewardFunction.Answer> answers =
                group.responses().stream().map(Rollout::answer).toList();
        IntFunction<Map<String, Object>> row = described(group.index(), 1);
        return RewardFailure.ending(() -> measure.get().score(answers), response -> row.apply(0));
    }

    /** The rewards that choosing by each alone is measured of: where something measures, and there are several. */
    List<String> choosers() {
        return measure.isPresent() && rewards.names().size() > 1 ? rewards.names() : List.of();
    }
}
