package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Responses of the policy, scored. */
final class SampledGroups implements Groups {
    private final StageLoop<TokenizedPrompt> loop;
    private final RolloutEngine engine;
    private final Rewards rewards;
    private final CounterRandom random;

    /** @param random generation g draws from {@code random.derive(g)} */
    SampledGroups(StageLoop<TokenizedPrompt> loop, RolloutEngine engine, Rewards rewards, CounterRandom random) {
        this.loop = loop;
        this.engine = engine;
        this.rewards = rewards;
        this.random = random;
    }

    @Override
    public Generation next(long generation, long firstBatch, int batches) {
        List<Drawn> prompts = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            List<TokenizedPrompt> batch = loop.batch(firstBatch + i);
            sizes.add(batch.size());
            for (int place = 0; place < batch.size(); place++) {
                prompts.add(new Drawn(batch.get(place), new Row(firstBatch + i, place)));
            }
        }
        return Generation.of(cut(scored(prompts, random.derive(generation)), sizes));
    }

    /** A prompt with where it comes from. */
    record Drawn(TokenizedPrompt prompt, Row row) {}

    /** A group of responses to each prompt. */
    List<List<Rollout>> scored(List<Drawn> prompts, CounterRandom draws) {
        List<List<Rollout>> sampled =
                engine.sample(prompts.stream().map(Drawn::prompt).toList(), draws);
        return RewardFailure.named(
                () -> rewards.scoreGroups(sampled),
                place -> described(prompts.get(groupOf(sampled, place)).row()));
    }

    private Map<String, Object> described(Row row) {
        return loop.describe(row.batch(), row.place());
    }

    /** The group that one of all members, group after group, is in. */
    static <T> int groupOf(List<List<T>> groups, int member) {
        int group = 0;
        for (int before = groups.get(0).size();
                before <= member;
                before += groups.get(group).size()) {
            group++;
        }
        return group;
    }

    /** A list cut into parts of these sizes. */
    static <T> List<List<T>> cut(List<T> all, List<Integer> sizes) {
        List<List<T>> parts = new ArrayList<>();
        int next = 0;
        for (int size : sizes) {
            parts.add(all.subList(next, next + size));
            next += size;
        }
        return parts;
    }
}
