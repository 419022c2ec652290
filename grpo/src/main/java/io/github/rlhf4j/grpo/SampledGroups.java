package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.RolloutsAhead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Responses of the policy, scored. */
final class SampledGroups implements Groups {
    private final StageLoop<TokenizedPrompt> loop;
    private final RolloutEngine engine;
    private final Rewards rewards;
    private final CounterRandom random;
    private final RolloutsAhead ahead;

    /**
     * @param generation how many batches a generation has, and how long its responses wait
     * @param random generation g draws from {@code random.derive(g)}
     * @param context whose checkpoints keep responses that wait
     */
    SampledGroups(
            StageLoop<TokenizedPrompt> loop,
            RolloutEngine engine,
            Rewards rewards,
            GenerationConfig generation,
            CounterRandom random,
            StageContext context) {
        this.loop = loop;
        this.engine = engine;
        this.rewards = rewards;
        this.random = random;
        int batches = generation.stepsPerGeneration();
        this.ahead = new RolloutsAhead(
                engine, generation.staleness(), number -> draw(number, drawn((number - 1) * batches + 1, batches)));
        if (generation.staleness() > 0) {
            context.register("rollouts_ahead", ahead);
        }
    }

    @Override
    public Generation next(long generation, long firstBatch, int batches) {
        List<List<Drawn>> steps = drawn(firstBatch, batches);
        List<List<Rollout>> sampled = ahead.take(generation, draw(generation, steps));
        List<Integer> sizes = steps.stream().map(List::size).toList();
        return Generation.of(cut(scored(flat(steps), sampled), sizes));
    }

    private RolloutsAhead.Draw draw(long generation, List<List<Drawn>> steps) {
        return new RolloutsAhead.Draw(flat(steps).stream().map(Drawn::prompt).toList(), random.derive(generation));
    }

    private static List<Drawn> flat(List<List<Drawn>> steps) {
        return steps.stream().flatMap(List::stream).toList();
    }

    private List<List<Drawn>> drawn(long firstBatch, int batches) {
        List<List<Drawn>> steps = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            List<TokenizedPrompt> batch = loop.batch(firstBatch + i);
            List<Drawn> step = new ArrayList<>();
            for (int place = 0; place < batch.size(); place++) {
                step.add(new Drawn(batch.get(place), new Row(firstBatch + i, place)));
            }
            steps.add(step);
        }
        return steps;
    }

    @Override
    public void ahead(long generation) {
        ahead.begin(generation);
    }

    @Override
    public long staleness(long generation) {
        return ahead.staleness(generation);
    }

    /** A prompt with where it comes from. */
    record Drawn(TokenizedPrompt prompt, Row row) {}

    /** A group of responses to each prompt. */
    List<List<Rollout>> scored(List<Drawn> prompts, CounterRandom draws) {
        return scored(prompts, engine.sample(prompts.stream().map(Drawn::prompt).toList(), draws));
    }

    private List<List<Rollout>> scored(List<Drawn> prompts, List<List<Rollout>> sampled) {
        Function<Row, Map<String, Object>> rows = Row.described(loop);
        return RewardFailure.named(
                () -> rewards.scoreGroups(sampled),
                place -> rows.apply(prompts.get(groupOf(sampled, place)).row()));
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
