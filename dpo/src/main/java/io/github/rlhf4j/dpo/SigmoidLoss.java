package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * The DPO loss with optional label smoothing (cDPO).
 *
 * <pre>  loss = -(1-e) log S(b h) - e log S(-b h),   h = score(chosen) - score(rejected)</pre>
 *
 * <p>Source: Rafailov et al. 2023, arXiv:2305.18290, Eq. 7; smoothing: Mitchell 2023.
 */
final class SigmoidLoss implements PairwiseLoss {
    private final double beta;
    private final double labelSmoothing;
    private final FDivergence divergence;

    SigmoidLoss(double beta, double labelSmoothing, FDivergence divergence) {
        this.beta = beta;
        this.labelSmoothing = labelSmoothing;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        PairScores scores = divergence.scores(pair);
        double logits = beta * scores.gap();
        double loss = -(1 - labelSmoothing) * logSigmoid(logits) - labelSmoothing * logSigmoid(-logits);
        double dLogits = labelSmoothing - sigmoid(-logits); // (1-e)(S-1) + e S = S - 1 + e
        return scores.gradient(loss, beta * dLogits);
    }
}
