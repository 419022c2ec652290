package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import java.util.ArrayList;
import java.util.List;

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
        List<List<TokenizedPrompt>> prompts = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            prompts.add(loop.batch(firstBatch + i));
        }
        List<List<Rollout>> groups =
                scored(prompts.stream().flatMap(List::stream).toList(), random.derive(generation));
        return Generation.of(cut(groups, prompts.stream().map(List::size).toList()));
    }

    /** A group of responses to each prompt. */
    List<List<Rollout>> scored(List<TokenizedPrompt> prompts, CounterRandom draws) {
        return rewards.scoreGroups(engine.sample(prompts, draws));
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
