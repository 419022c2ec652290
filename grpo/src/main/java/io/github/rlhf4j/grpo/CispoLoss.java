package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.train.StepMetrics;
import java.util.Arrays;

/**
 * The policy gradient weighted by a clipped ratio, through which no gradient flows: every token keeps one.
 *
 * <pre>  loss = -constant(min(r, high)) A log p</pre>
 *
 * <p>Source: MiniMax 2025, arXiv:2506.13585, Eqs. 4 and 5, with TRL's reading: epsilon_high is the largest ratio itself.
 *
 * @param high the largest ratio
 */
record CispoLoss(double high) implements TokenLoss {
    @Override
    public TokenTerm at(double ratio, double logProb, double advantage) {
        double weight = -Math.min(ratio, high) * advantage;
        return new TokenTerm(weight * logProb, 0, weight);
    }

    @Override
    public void count(double[] ratios, double advantage, StepMetrics metrics) {
        long clipped = advantage > 0
                ? Arrays.stream(ratios).filter(ratio -> ratio > high).count()
                : 0;
        metrics.mean("cispo_clip_ratio", clipped, ratios.length);
    }
}
