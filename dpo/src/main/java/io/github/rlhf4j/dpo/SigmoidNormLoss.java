package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * The DPO loss on scores per token.
 *
 * <p>A long response gains nothing by its length. Typical: beta 2 to 10, since scores per token are small (Tulu 3: 5).
 *
 * <pre>  loss = -log S(b (a/Lc - q/Lr))</pre>
 *
 * <p>Source: the length-normalised DPO of Lambert et al. 2024 (Tulu 3), arXiv:2411.15124, Eq. 6.
 */
public final class SigmoidNormLoss implements PairwiseLoss {
    private final double beta;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param divergence transform of the log-ratios
     */
    public SigmoidNormLoss(double beta, FDivergence divergence) {
        this.beta = positive("beta", beta);
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair).perToken(pair);
        double logits = beta * scores.gap();
        return scores.gradient(-logSigmoid(logits), -beta * sigmoid(-logits));
    }
}
