package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.judge.SyntheticConfig;
import io.github.rlhf4j.world.UtilityScore;
import io.github.rlhf4j.world.World;
import java.util.List;

/** Somebody who knows the synthetic world: names what is wrong with an answer and writes a good one, or, at a known rate, overlooks it. */
final class SyntheticCritic implements Critic {
    private static final double WHOLE = 0.999;

    private final World world;
    private final double errorRate;

    SyntheticCritic(SyntheticConfig config, World world) {
        this.world = world;
        this.errorRate = config.errorRate().orElse(0);
    }

    @Override
    public List<Revision> revise(List<Draft> drafts, CounterRandom random) {
        return drafts.stream().map(draft -> revise(draft, random)).toList();
    }

    private Revision revise(Draft draft, CounterRandom random) {
        String prompt = Texts.of(draft.prompt());
        String fault = fault(world.utility().utility(prompt, draft.response()));
        CounterRandom own = random.derive(prompt).derive(draft.response());
        if (fault.isEmpty() || own.uniform(0) < errorRate) {
            return new Revision("There is nothing to improve.", draft);
        }
        return new Revision(fault, draft.with(world.good(prompt.strip(), own.bits(1) >>> 1)));
    }

    /** What is worst; empty where nothing is. */
    private static String fault(UtilityScore score) {
        if (score.invention()) {
            return "The response asserts what is not true.";
        }
        if (score.correct() < WHOLE) {
            return score.unanswerable()
                    ? "The response should admit that one cannot know."
                    : "The response is not right, or not complete.";
        }
        if (score.garbled() > 0 || score.repetition() > 0) {
            return "The response repeats itself, or has words that are none.";
        }
        if (score.form() < WHOLE) {
            return "The response does not have the form that was asked for.";
        }
        return score.concise() < WHOLE ? "The response is too long." : "";
    }

    @Override
    public void close() {}
}
