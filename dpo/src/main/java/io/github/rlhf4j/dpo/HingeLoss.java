package io.github.rlhf4j.dpo;

/**
 * The hinge loss on the DPO logit: max(0, 1 - b h).
 *
 * <p>Source: Zhao et al. 2023 (SLiC-HF), arXiv:2305.10425, on DPO's logit as TRL has it.
 */
final class HingeLoss implements PairwiseLoss {
    private final double beta;
    private final FDivergence divergence;

    HingeLoss(double beta, FDivergence divergence) {
        this.beta = beta;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        PairScores scores = divergence.scores(pair);
        double slack = 1 - beta * scores.gap();
        return slack > 0 ? scores.gradient(slack, -beta) : scores.gradient(0, 0);
    }
}
