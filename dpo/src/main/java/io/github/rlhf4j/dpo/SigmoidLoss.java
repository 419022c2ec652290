package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * The DPO loss with optional label smoothing (cDPO).
 *
 * <p>Raises the odds of the chosen response until the policy prefers it clearly; a pair that it has right already moves it little. Typical: beta 0.1 to 0.5, label_smoothing 0, or 0.1 to 0.3 for noisy labels.
 *
 * <pre>  loss = -(1-e) log S(b h) - e log S(-b h),   h = score(chosen) - score(rejected)</pre>
 *
 * <p>Source: Rafailov et al. 2023, arXiv:2305.18290, Eq. 7; smoothing: Mitchell 2023.
 */
public final class SigmoidLoss implements PairwiseLoss {
    private final double beta;
    private final double labelSmoothing;
    private final FDivergence divergence;

    /** Plain DPO: no smoothing, reverse Kullback-Leibler. */
    public SigmoidLoss(double beta) {
        this(beta, 0, new FDivergence.ReverseKl());
    }

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param labelSmoothing e, in [0, 1)
     * @param divergence transform of the log-ratios
     */
    public SigmoidLoss(double beta, double labelSmoothing, FDivergence divergence) {
        this.beta = positive("beta", beta);
        this.labelSmoothing = labelSmoothing;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair);
        double logits = beta * scores.gap();
        double loss = -(1 - labelSmoothing) * logSigmoid(logits) - labelSmoothing * logSigmoid(-logits);
        double dLogits = labelSmoothing - sigmoid(-logits); // (1-e)(S-1) + e S = S - 1 + e
        return scores.gradient(loss, beta * dLogits);
    }
}
