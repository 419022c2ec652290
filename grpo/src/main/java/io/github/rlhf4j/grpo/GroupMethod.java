package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.Rollout;
import java.util.List;

/** What the methods differ in that learn from groups of responses. */
interface GroupMethod {
    /** Whether advantages need the policy's own log-probs. */
    boolean advantagesNeedLogProbs();

    /** The advantages of each group's responses. */
    GroupAdvantages advantages(List<List<Rollout>> groups);

    /** Sets what is reported of the groups beside rewards, lengths and frac_reward_zero_std. */
    default void reportGroups(List<List<Rollout>> groups, StepMetrics metrics) {}

    /** The divergence of a response from the reference, as it is reported, nats. */
    double kl(Rollout rollout);

    /** The loss of a step on what a generation has. */
    Objective<Completions> objective(GenerationBatch batch);

    /** Sets what is reported of an update beside its metrics. */
    default void reportUpdate(StepMetrics update, StepMetrics metrics) {}
}
