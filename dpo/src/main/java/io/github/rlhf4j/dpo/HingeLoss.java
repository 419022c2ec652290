package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * The hinge loss on the DPO logit: max(0, 1 - b h).
 *
 * <p>Learns from a pair until its margin is 1 and then leaves it alone. Typical: beta 0.1 to 0.5 (0.05 asks for a wider margin).
 *
 * <p>Source: Zhao et al. 2023 (SLiC-HF), arXiv:2305.10425, on DPO's logit as TRL has it.
 */
public final class HingeLoss implements PairwiseLoss {
    private final double beta;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param divergence transform of the log-ratios
     */
    public HingeLoss(double beta, FDivergence divergence) {
        this.beta = positive("beta", beta);
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair);
        double slack = 1 - beta * scores.gap();
        return slack > 0 ? scores.gradient(slack, -beta) : scores.gradient(0, 0);
    }
}
