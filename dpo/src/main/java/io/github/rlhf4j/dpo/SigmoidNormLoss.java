package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * The DPO loss on scores per token.
 *
 * <pre>  loss = -log S(b (a/Lc - q/Lr))</pre>
 *
 * <p>Source: the length-normalised DPO of Lambert et al. 2024 (Tulu 3), arXiv:2411.15124, Eq. 6.
 */
final class SigmoidNormLoss implements PairwiseLoss {
    private final double beta;
    private final FDivergence divergence;

    SigmoidNormLoss(double beta, FDivergence divergence) {
        this.beta = beta;
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        PairScores scores = divergence.scores(pair).perToken(pair);
        double logits = beta * scores.gap();
        return scores.gradient(-logSigmoid(logits), -beta * sigmoid(-logits));
    }
}
