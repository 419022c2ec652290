package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Robust DPO: unbiased under labels flipped with probability e.
 *
 * <p>As sigmoid, corrected so that flipped labels cancel on average. Typical: beta 0.1, label_smoothing the share of wrong labels, 0.1 to 0.3.
 *
 * <pre>  loss = [-(1-e) log S(b h) + e log S(-b h)] / (1 - 2e)</pre>
 *
 * <p>Source: Chowdhury et al. 2024, arXiv:2403.00409, Eq. 12.
 */
public final class RobustLoss implements PairwiseLoss {
    private final double beta;
    private final double labelSmoothing;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param labelSmoothing e, in [0, 0.5)
     * @param divergence transform of the log-ratios
     */
    public RobustLoss(double beta, double labelSmoothing, FDivergence divergence) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 0.5)) {
            throw new IllegalArgumentException("label_smoothing must be in [0, 0.5), but is " + labelSmoothing);
        }
        this.beta = positive("beta", beta);
        this.labelSmoothing = labelSmoothing;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair);
        double logits = beta * scores.gap();
        double scale = 1 / (1 - 2 * labelSmoothing);
        double loss = scale * (-(1 - labelSmoothing) * logSigmoid(logits) + labelSmoothing * logSigmoid(-logits));
        double dLogits = scale * (-(1 - labelSmoothing) * sigmoid(-logits) - labelSmoothing * sigmoid(logits));
        return scores.gradient(loss, beta * dLogits);
    }
}
