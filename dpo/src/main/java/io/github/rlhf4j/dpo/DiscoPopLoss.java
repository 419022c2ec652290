package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

/**
 * DiscoPOP, the loss a language model discovered: a blend of the logistic and the exponential loss.
 *
 * <p>Logistic for pairs that are wrong and exponential for those that are right, and not convex between. Typical: beta 0.05 to 0.1, tau 0.05 (the paper).
 *
 * <pre>  loss = (1-m) (-log S(z)) + m e^-z,   z = b h,  m = S(z / tau)</pre>
 *
 * <p>Source: Lu et al. 2024, arXiv:2406.08414, Eq. 5.
 */
public final class DiscoPopLoss implements PairwiseLoss {
    private final double beta;
    private final double tau;
    private final FDivergence divergence;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param tau temperature of the blend, finite and > 0 (0.05: the paper)
     * @param divergence transform of the log-ratios
     */
    public DiscoPopLoss(double beta, double tau, FDivergence divergence) {
        this.beta = positive("beta", beta);
        this.tau = positive("tau", tau);
        this.divergence = divergence;
    }

    @Override
    public PairGradient evaluatePair(PairLogProbs pair) {
        FDivergence.PairScores scores = divergence.scores(pair);
        double logits = beta * scores.gap();
        double blend = sigmoid(logits / tau);
        double rest = sigmoid(-logits / tau);
        double logistic = -logSigmoid(logits);
        double blendedExponential = Math.exp(logSigmoid(logits / tau) - logits); // m e^-z, finite where e^-z is not
        double loss = rest * logistic + blendedExponential;
        // m' = m (1-m) / tau
        double dLogits =
                -rest * blend / tau * logistic - rest * sigmoid(-logits) + blendedExponential * (rest / tau - 1);
        return scores.gradient(loss, beta * dLogits);
    }
}
