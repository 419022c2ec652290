package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

import java.util.List;

/**
 * Kahneman-Tversky optimisation: responses liked or disliked, without pairs.
 *
 * <p>A response counts by how it compares with what the policy usually gains over the reference (z0): far above or below that there is little left to win. Typical: beta 0.01 to 0.5; weights such that
 * weight times number of the desirable responses is 1 to 1.33 times that of the others (Eq. 8).
 *
 * <pre>
 *   desirable    weight (1 - S(b (x - z0)))      x = log pi/ref of the response
 *   undesirable  weight (1 - S(b (z0 - x)))      z0 = max(0, mean log pi/ref of mismatched responses), a constant
 * </pre>
 *
 * <p>Mean over all responses of the batch. Source: Ethayarajh et al. 2024, arXiv:2402.01306, Eqs. 7-8. With z0 = 0 it is TRL's apo_zero_unpaired.
 */
public final class KtoLoss {
    private final double beta;
    private final double desirableWeight;
    private final double undesirableWeight;

    /**
     * A KTO loss.
     *
     * @param beta strength of the pull towards the reference, > 0
     * @param desirableWeight factor of desirable responses, > 0
     * @param undesirableWeight factor of undesirable responses, > 0
     */
    public KtoLoss(double beta, double desirableWeight, double undesirableWeight) {
        this.beta = positive("beta", beta);
        this.desirableWeight = positive("desirable_weight", desirableWeight);
        this.undesirableWeight = positive("undesirable_weight", undesirableWeight);
    }

    /**
     * z0: the mean log-ratio of mismatched responses (prompt i with response i+1), not below 0.
     *
     * @param logProbs log-probabilities of the mismatched responses under the policy, nats
     * @param refLogProbs the same under the reference, nats
     */
    public static double referencePoint(double[] logProbs, double[] refLogProbs) {
        if (logProbs.length == 0 || logProbs.length != refLogProbs.length) {
            throw new IllegalArgumentException(
                    "need as many, and at least one, log-probs as reference log-probs, but have " + logProbs.length
                            + " and " + refLogProbs.length);
        }
        double sum = 0;
        for (int i = 0; i < logProbs.length; i++) {
            sum += logProbs[i] - refLogProbs[i];
        }
        return Math.max(0, sum / logProbs.length);
    }

    /**
     * The mean loss over {@code batch} and its derivatives; none flows through the reference point.
     *
     * @param batch not empty
     * @param referencePoint z0, nats, of {@link #referencePoint}
     */
    public UnpairedGradient evaluate(List<UnpairedLogProbs> batch, double referencePoint) {
        double loss = 0;
        double[] dLogProbs = new double[batch.size()];
        for (int i = 0; i < dLogProbs.length; i++) {
            UnpairedLogProbs response = batch.get(i);
            double sign = response.desirable() ? 1 : -1;
            double weight = (response.desirable() ? desirableWeight : undesirableWeight) / dLogProbs.length;
            double logits = sign * beta * (response.policy() - response.reference() - referencePoint);
            loss += weight * sigmoid(-logits);
            dLogProbs[i] = -sign * weight * beta * sigmoid(logits) * sigmoid(-logits);
        }
        return new UnpairedGradient(loss, dLogProbs);
    }
}
