package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.math.StableMath.logSigmoid;
import static io.github.rlhf4j.core.math.StableMath.sigmoid;
import static io.github.rlhf4j.dpo.HyperParameters.positive;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Alignment by optimal transport: the sorted margins of the policy are compared with the sorted margins of the reference.
 *
 * <p>The distribution of the policy's margins shall lie above the reference's, whichever pair has which. Typical: beta 0.01 to 0.1; batches of many pairs.
 *
 * <pre>  d = sort(pc - pr) - sort(rc - rr),   loss = mean of -(1-e) log S(b d) - e log S(-b d)</pre>
 *
 * <p>Source: Melnyk et al. 2024, arXiv:2406.05882. Not separable: sorting needs the whole batch. Equal margins keep the batch's order.
 */
public final class AotLoss implements PreferenceLoss {
    private final double beta;
    private final double labelSmoothing;

    /**
     * The loss.
     *
     * @param beta finite and > 0
     * @param labelSmoothing e, in [0, 1)
     */
    public AotLoss(double beta, double labelSmoothing) {
        this.beta = positive("beta", beta);
        this.labelSmoothing = labelSmoothing;
    }

    @Override
    public PreferenceGradient evaluate(List<PairLogProbs> batch) {
        int pairs = batch.size();
        double[] margins =
                batch.stream().mapToDouble(p -> p.chosen() - p.rejected()).toArray();
        double[] refMargins = batch.stream()
                .mapToDouble(p -> p.refChosen() - p.refRejected())
                .sorted()
                .toArray();
        int[] order = sortedOrder(margins);
        double loss = 0;
        double[] dChosen = new double[pairs];
        double[] dRejected = new double[pairs];
        for (int rank = 0; rank < pairs; rank++) {
            int pair = order[rank];
            double logits = beta * (margins[pair] - refMargins[rank]);
            loss += (-(1 - labelSmoothing) * logSigmoid(logits) - labelSmoothing * logSigmoid(-logits)) / pairs;
            dChosen[pair] = beta * (labelSmoothing - sigmoid(-logits)) / pairs;
            dRejected[pair] = -dChosen[pair];
        }
        return new PreferenceGradient(loss, dChosen, dRejected);
    }

    /** The indices of {@code values} in ascending order of value, equal ones by index. */
    static int[] sortedOrder(double[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
