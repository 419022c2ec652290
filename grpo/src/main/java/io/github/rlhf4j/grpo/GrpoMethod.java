package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.KlEstimator;
import io.github.rlhf4j.rollout.Rollout;
import java.util.List;

/** GRPO: advantages are distances from the group's mean; the KL is part of the loss. */
final class GrpoMethod implements GroupMethod {
    private final GrpoConfig config;
    private final GrpoLoss loss;

    GrpoMethod(GrpoConfig config) {
        this.config = config;
        this.loss = config.loss().with(config.reference(), config.sampler());
    }

    @Override
    public boolean advantagesNeedLogProbs() {
        return false;
    }

    @Override
    public GroupAdvantages advantages(List<List<Rollout>> groups) {
        return GroupAdvantages.of(groups, config);
    }

    /** The mean over its tokens of k3. */
    @Override
    public double kl(Rollout rollout) {
        double[] logProbs = rollout.oldLogProbs();
        double sum = 0;
        for (int t = 0; t < logProbs.length; t++) {
            sum += KlEstimator.K3.value(logProbs[t] - rollout.refLogProbs()[t]);
        }
        return sum / logProbs.length;
    }

    @Override
    public Objective<Completions> objective(GenerationBatch batch) {
        GenerationConfig generation = config.generation();
        return new GrpoObjective(
                loss, generation.temperature(), batch.tokensPerStep(), generation.maxCompletionLength());
    }

    @Override
    public void reportUpdate(StepMetrics update, StepMetrics metrics) {
        update.gathered(GrpoObjective.PolicyPart.class).ifPresent(part -> {
            metrics.set("policy_loss", part.loss());
            metrics.set("entropy_coef", loss.entropyCoef());
        });
    }
}
