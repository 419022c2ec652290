package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * SimPO: mean log-probabilities, a target margin and no reference.
 *
 * <p>The likelihood that generation itself goes by, per token, must be higher by a margin. Typical: beta 2 to 10, gamma 0.3 to 1.6.
 *
 * <pre>  loss = -log S(b (x - y) - gamma),   x, y the mean log-probs of a token, chosen and rejected</pre>
 *
 * <p>Source: Meng et al. 2024, arXiv:2405.14734, Eq. 6.
 */
public final class SimPoLoss implements PairwiseLoss {
    private final double beta;
    private final double gamma;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param gamma target margin, dimensionless, finite
     */
    public SimPoLoss(double beta, double gamma) {
        this.beta = positive("beta", beta);
        this.gamma = gamma;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        double logits = beta * (pair.chosenMean() - pair.rejectedMean()) - gamma;
        double dLogits = -sigmoid(-logits);
        return new PairGradient(
                -logSigmoid(logits), beta * dLogits / pair.chosenTokens(), -beta * dLogits / pair.rejectedTokens());
    }

    @Override
    public boolean needsReference() {
        return false;
    }

    @Override
    public double impliedReward(double logProb, double refLogProb, int tokens) {
        return logProb / tokens;
    }
}
