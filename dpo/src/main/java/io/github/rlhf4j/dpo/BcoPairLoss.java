package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * Binary classifier optimisation on pairs: chosen and rejected classified each by itself.
 *
 * <pre>  loss = -log S(b a) - log S(-b q)</pre>
 *
 * <p>Source: Jung et al. 2024, arXiv:2404.04656, without the reward shift, as TRL has it.
 */
final class BcoPairLoss implements PairwiseLoss {
    private final double beta;

    BcoPairLoss(double beta) {
        this.beta = beta;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = beta * pair.chosenLogRatio();
        double rejected = beta * pair.rejectedLogRatio();
        return new PairGradient(
                -logSigmoid(chosen) - logSigmoid(-rejected), -beta * sigmoid(-chosen), beta * sigmoid(rejected));
    }
}
