package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * Binary classifier optimisation on pairs: chosen and rejected classified each by itself.
 *
 * <p>Good and bad responses are told apart without comparing them, so both sides have an absolute level. Typical: beta 0.01 to 0.1; in MPO beside sigmoid with weight 0.2.
 *
 * <pre>  loss = -log S(b a) - log S(-b q)</pre>
 *
 * <p>Source: Jung et al. 2024, arXiv:2404.04656, without the reward shift, as TRL has it.
 */
public final class BcoPairLoss implements PairwiseLoss {
    private final double beta;

    /** @param beta finite and > 0 */
    public BcoPairLoss(double beta) {
        this.beta = positive("beta", beta);
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double chosen = beta * pair.chosenLogRatio();
        double rejected = beta * pair.rejectedLogRatio();
        return new PairGradient(
                -logSigmoid(chosen) - logSigmoid(-rejected), -beta * sigmoid(-chosen), beta * sigmoid(rejected));
    }
}
