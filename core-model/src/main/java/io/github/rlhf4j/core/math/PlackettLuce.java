package io.github.rlhf4j.core.math;

import java.util.Arrays;

/**
 * The negative log-likelihood of a full ranking under the Plackett-Luce model: the best is picked from all, the next from the rest, and so on.
 *
 * <pre>  loss = sum over i of logsumexp(s_j, j ranked as i or worse) - s_i</pre>
 *
 * <p>Tied items stay in each other's sums (Breslow's approximation); where all are tied, loss and gradient are 0. Source: Plackett 1975; Luce 1959; Rafailov et al. 2023, arXiv:2305.18290, Eq. 18.
 */
public final class PlackettLuce {
    private PlackettLuce() {}

    /**
     * Adds d loss / d score to {@code dScores} and returns the loss.
     *
     * @param scores of each item
     * @param ranks of each, smaller is better, equal is a tie; not modified
     */
    public static double loss(double[] scores, int[] ranks, double[] dScores) {
        if (Arrays.stream(ranks).distinct().count() < 2) {
            return 0;
        }
        double loss = 0;
        for (int picked = 0; picked < scores.length; picked++) {
            double logSum = logSumOfRest(scores, ranks, ranks[picked]);
            loss += logSum - scores[picked];
            dScores[picked] -= 1;
            for (int i = 0; i < scores.length; i++) {
                if (ranks[i] >= ranks[picked]) {
                    dScores[i] += Math.exp(scores[i] - logSum);
                }
            }
        }
        return loss;
    }

    private static double logSumOfRest(double[] scores, int[] ranks, int rank) {
        double[] rest = new double[scores.length];
        Arrays.fill(rest, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < scores.length; i++) {
            if (ranks[i] >= rank) {
                rest[i] = scores[i];
            }
        }
        return StableMath.logSumExp(rest, 0, rest.length);
    }
}
