package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Anchored preference optimisation, for data worse than the model: chosen down, rejected further down.
 *
 * <p>Lowers both, the rejected one more: for chosen responses that are worse than what the model writes. Typical: beta 0.1 to 0.5.
 *
 * <pre>  loss = S(b a) + 1 - S(b h)</pre>
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv:2408.06266, Eq. 8.
 */
public final class ApoDownLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public ApoDownLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = beta * pair.chosenLogRatio();
        double gap = beta * (pair.chosenLogRatio() - pair.rejectedLogRatio());
        double dGap = beta * sigmoid(gap) * sigmoid(-gap);
        return new PairGradient(
                sigmoid(chosen) + sigmoid(-gap), beta * sigmoid(chosen) * sigmoid(-chosen) - dGap, dGap);
    }
}
