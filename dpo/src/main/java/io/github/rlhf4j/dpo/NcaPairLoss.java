package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * Noise contrastive alignment on pairs: the chosen response is told from noise, both may be noise.
 *
 * <pre>  loss = -log S(b a) - 0.5 log S(-b a) - 0.5 log S(-b q)</pre>
 *
 * <p>Source: Chen et al. 2024, arXiv:2402.05369.
 */
final class NcaPairLoss implements PairwiseLoss {
    private final double beta;

    NcaPairLoss(double beta) {
        this.beta = beta;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = beta * pair.chosenLogRatio();
        double rejected = beta * pair.rejectedLogRatio();
        double loss = -logSigmoid(chosen) - 0.5 * logSigmoid(-chosen) - 0.5 * logSigmoid(-rejected);
        double dChosen = beta * (0.5 * sigmoid(chosen) - sigmoid(-chosen));
        return new PairGradient(loss, dChosen, beta * 0.5 * sigmoid(rejected));
    }
}
