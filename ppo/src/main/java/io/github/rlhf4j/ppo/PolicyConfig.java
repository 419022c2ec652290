package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;

/**
 * The updates of the policy.
 *
 * @param numPpoEpochs passes over each roll-out
 * @param numMiniBatches optimiser steps a pass
 * @param cliprange how far the ratio may leave 1
 * @param dualClip bound on the loss where the advantage is negative, > 1; 0: none
 * @param entropyCoef weight of the entropy bonus
 * @param aggregation token or sequence
 * @param targetKl stops an iteration's epochs once the approximate KL of a mini-batch exceeds it; 0: never
 * @param maxRatio a mini-batch whose mean ratio exceeds it is skipped
 * @param emaDecay of the moving average of the policy, written to ema/; 0: none
 * @param disableDropout always true: sampling and training must see the same model
 */
public record PolicyConfig(
        int numPpoEpochs,
        int numMiniBatches,
        double cliprange,
        double dualClip,
        double entropyCoef,
        Aggregation aggregation,
        double targetKl,
        double maxRatio,
        double emaDecay,
        boolean disableDropout)
        implements ConfigGroup {
    /** As in ppo-defaults.yaml. */
    public static final PolicyConfig DEFAULT = new PolicyConfig(4, 1, 0.2, 0, 0, Aggregation.TOKEN, 0, 10, 0, true);

    public PolicyConfig {
        checkConfig(numPpoEpochs >= 1, "num_ppo_epochs", numPpoEpochs, "must be >= 1");
        checkConfig(cliprange > 0 && cliprange < 1, "cliprange", cliprange, "must be between 0 and 1");
        checkConfig(dualClip == 0 || dualClip > 1, "dual_clip", dualClip, "must be > 1, or 0 for none");
        checkConfig(Double.isFinite(entropyCoef), "entropy_coef", entropyCoef, "must be finite");
        checkConfig(targetKl >= 0, "target_kl", targetKl, "must be > 0, or 0 for none");
        checkConfig(maxRatio > 1, "max_ratio", maxRatio, "must be > 1");
        checkConfig(emaDecay >= 0 && emaDecay < 1, "ema_decay", emaDecay, "must be in [0, 1)");
        checkConfig(
                disableDropout,
                "disable_dropout",
                false,
                "must be true: sampling and training have to see the same model");
    }

    /** The loss of a token. */
    PolicyLoss loss() {
        return new PolicyLoss(cliprange, cliprange, dualClip == 0 ? Double.POSITIVE_INFINITY : dualClip);
    }
}
