package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

import java.util.List;

/**
 * Alignment by optimal transport without pairing: the sorted chosen log-ratios are compared with the sorted rejected ones.
 *
 * <p>Good responses as a whole shall be more likely than bad ones as a whole. Typical: beta 0.01 to 0.1; batches of many pairs.
 *
 * <pre>  d = sort(a) - sort(q),   loss = mean of -(1-e) log S(b d) - e log S(-b d)</pre>
 *
 * <p>Source: Melnyk et al. 2024, arXiv:2406.05882. Not separable: sorting needs the whole batch.
 */
public final class AotUnpairedLoss implements PreferenceLoss {
    private final double beta;
    private final double labelSmoothing;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param labelSmoothing e, in [0, 1)
     */
    public AotUnpairedLoss(double beta, double labelSmoothing) {
        this.beta = positive("beta", beta);
        this.labelSmoothing = labelSmoothing;
    }

    @Override
    public PreferenceGradient evaluate(List<PairLogProbs> batch) {
        int pairs = batch.size();
        double[] chosen =
                batch.stream().mapToDouble(PairLogProbs::chosenLogRatio).toArray();
        double[] rejected =
                batch.stream().mapToDouble(PairLogProbs::rejectedLogRatio).toArray();
        int[] chosenOrder = AotLoss.sortedOrder(chosen);
        int[] rejectedOrder = AotLoss.sortedOrder(rejected);
        double loss = 0;
        double[] dChosen = new double[pairs];
        double[] dRejected = new double[pairs];
        for (int rank = 0; rank < pairs; rank++) {
            double logits = beta * (chosen[chosenOrder[rank]] - rejected[rejectedOrder[rank]]);
            loss += (-(1 - labelSmoothing) * logSigmoid(logits) - labelSmoothing * logSigmoid(-logits)) / pairs;
            double dLogits = beta * (labelSmoothing - sigmoid(-logits)) / pairs;
            dChosen[chosenOrder[rank]] = dLogits;
            dRejected[rejectedOrder[rank]] = -dLogits;
        }
        return new PreferenceGradient(loss, dChosen, dRejected);
    }
}
