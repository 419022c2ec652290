package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.StepMetrics;
import java.util.Arrays;
import java.util.function.DoublePredicate;

/**
 * PPO's clipped loss with bounds of their own on both sides, and one more on the ratio itself.
 *
 * <pre>  loss = -min(min(r, delta) A, clip(r, 1 - low, 1 + high) A)</pre>
 *
 * <p>Source: Shao et al. 2024, arXiv:2402.03300, Eq. 3; high: Yu et al. 2025, arXiv:2503.14476, Eq. 10; delta: Prime Intellect 2025, arXiv:2505.07291.
 *
 * @param low how far the ratio may fall below 1
 * @param high how far it may rise above 1
 * @param delta the largest ratio; infinite: none
 */
record ClippedLoss(double low, double high, double delta) implements TokenLoss {
    @Override
    public TokenTerm at(double ratio, double logProb, double advantage) {
        double plain = Math.min(ratio, delta) * advantage;
        double clipped = Math.max(1 - low, Math.min(1 + high, ratio)) * advantage;
        double ofPlain = ratio <= delta ? advantage : 0;
        double ofClipped = ratio >= 1 - low && ratio <= 1 + high ? advantage : 0;
        if (plain == clipped) { // as PyTorch: half of each
            return new TokenTerm(-plain, -(ofPlain + ofClipped) / 2, 0);
        }
        return plain < clipped ? new TokenTerm(-plain, -ofPlain, 0) : new TokenTerm(-clipped, -ofClipped, 0);
    }

    @Override
    public void count(double[] ratios, double advantage, StepMetrics metrics) {
        double atLow = advantage < 0 ? share(ratios, ratio -> ratio < 1 - low) : 0;
        double atHigh = advantage > 0 ? share(ratios, ratio -> Math.min(ratio, delta) > 1 + high) : 0;
        metrics.mean("clip_ratio/low_mean", atLow * ratios.length, ratios.length);
        metrics.mean("clip_ratio/high_mean", atHigh * ratios.length, ratios.length);
        metrics.mean("clip_ratio/region_mean", (atLow + atHigh) * ratios.length, ratios.length);
        metrics.min("clip_ratio/low_min", atLow);
        metrics.max("clip_ratio/high_max", atHigh);
    }

    private static double share(double[] ratios, DoublePredicate clipped) {
        return (double) Arrays.stream(ratios).filter(clipped).count() / ratios.length;
    }
}
