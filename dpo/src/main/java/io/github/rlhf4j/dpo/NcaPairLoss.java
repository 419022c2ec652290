package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Noise contrastive alignment on pairs: the chosen response is told from noise, both may be noise.
 *
 * <p>Keeps the chosen response's likelihood from falling, as it may with sigmoid, which sees differences only. Typical: beta 0.01 to 0.1.
 *
 * <pre>  loss = -log S(b a) - 0.5 log S(-b a) - 0.5 log S(-b q)</pre>
 *
 * <p>Source: Chen et al. 2024, arXiv:2402.05369.
 */
public final class NcaPairLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public NcaPairLoss(double beta) {
        this.beta = positive("beta", beta);
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
