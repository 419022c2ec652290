package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;

/**
 * SimPO: mean log-probabilities, a target margin and no reference.
 *
 * <pre>  loss = -log S(b (x - y) - gamma),   x, y the mean log-probs of a token, chosen and rejected</pre>
 *
 * <p>Source: Meng et al. 2024, arXiv:2405.14734, Eq. 6.
 */
final class SimPoLoss implements PairwiseLoss {
    private final double beta;
    private final double gamma;

    /** @param gamma target margin, dimensionless, >= 0 */
    SimPoLoss(double beta, double gamma) {
        this.beta = beta;
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
