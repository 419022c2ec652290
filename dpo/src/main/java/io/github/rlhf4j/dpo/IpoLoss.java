package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Identity preference optimisation: the gap of scores is pulled to 1/(2b) and no further.
 *
 * <p>Has a target for the gap, so that pairs without noise do not push the policy ever further, as with sigmoid. Typical: beta 0.01 to 0.5; the target is 1/(2 beta), so a small beta asks for more.
 *
 * <pre>  loss = (a/Lc - q/Lr - 1/(2b))^2,   or without the lengths</pre>
 *
 * <p>Source: Azar et al. 2023, arXiv:2310.12036, Eq. 17; per token as its authors confirmed to TRL.
 */
public final class IpoLoss implements PairwiseLoss {
    private final double beta;
    private final IpoLength length;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param length what is compared
     * @param divergence transform of the log-ratios
     */
    public IpoLoss(double beta, IpoLength length, FDivergence divergence) {
        this.beta = positive("beta", beta);
        this.length = length;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores whole = divergence.scores(pair);
        FDivergence.PairScores scores = length == IpoLength.TOKEN ? whole.perToken(pair) : whole;
        double error = scores.gap() - 1 / (2 * beta);
        return scores.gradient(error * error, 2 * error);
    }
}
