package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Anchored preference optimisation, for data better than the model: chosen up, rejected down.
 *
 * <p>Anchors each response by itself: for chosen responses that are better than what the model writes. Typical: beta 0.1 to 0.5.
 *
 * <pre>  loss = 1 - S(b a) + S(b q)</pre>
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv:2408.06266, Eq. 7.
 */
public final class ApoZeroLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public ApoZeroLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = beta * pair.chosenLogRatio();
        double rejected = beta * pair.rejectedLogRatio();
        return new PairGradient(
                sigmoid(-chosen) + sigmoid(rejected),
                -beta * sigmoid(chosen) * sigmoid(-chosen),
                beta * sigmoid(rejected) * sigmoid(-rejected));
    }
}
