package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.core.stage.StageContext;
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
        List<List<Rollout>> scored = RewardFailure.named(
                () -> rewards.scoreGroups(sampled),
                place -> row(first + place / sampled.get(0).size()));
        List<Group> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Rollout> responses = scored.get(i).stream()
                    .filter(Rollout::isScored)
                    .map(missingEos::penalised)
                    .toList();
            if (!responses.isEmpty()) {
                groups.add(new Group(rows.get(prompts.sourceRow(index(first + i))), responses));
            }
        }
        return groups;
    }

    /** What a prompt was made of. */
    private Map<String, Object> row(long prompt) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("index", index(prompt));
        row.putAll(prompts.describe(new long[] {index(prompt)}).get(0));
        return row;
    }

    /** The data begin again at their end. */
    private long index(long prompt) {
        return prompt % prompts.size();
    }

    /** What a response is measured by beside its reward, for each of a group's, NaN where the function says nothing; empty: nothing measures. */
    double[] measures(Group group) {
        return measure.map(function -> function.score(
                        group.responses().stream().map(Rollout::answer).toList()))
                .orElse(new double[0]);
    }

    /** The rewards that choosing by each alone is measured of: where something measures, and there are several. */
    List<String> choosers() {
        return measure.isPresent() && rewards.names().size() > 1 ? rewards.names() : List.of();
    }
}
