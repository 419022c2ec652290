package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * Anchored preference optimisation, for data better than the model: chosen up, rejected down.
 *
 * <pre>  loss = 1 - S(b a) + S(b q)</pre>
 *
 * <p>Source: D'Oosterlinck et al. 2024, arXiv:2408.06266, Eq. 7.
 */
final class ApoZeroLoss implements PairwiseLoss {
    private final double beta;

    ApoZeroLoss(double beta) {
        this.beta = beta;
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
