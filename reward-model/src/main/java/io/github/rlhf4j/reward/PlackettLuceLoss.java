package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.math.StableMath;
import java.util.Arrays;

/**
 * The Plackett-Luce loss over a full ranking: the best is picked from all, the next from the rest, and so on.
 *
 * <pre>  loss = sum over i of logsumexp(s_j, j ranked as i or worse) - s_i</pre>
 *
 * <p>Tied responses stay in each other's sums (Breslow's approximation); a prompt whose responses are all tied has loss and gradient 0. Source:
 * Plackett 1975; Luce 1959; Rafailov et al. 2023, arXiv:2305.18290, Eq. 18.
 */
public final class PlackettLuceLoss implements RankingLoss {
    @Override
    public RankingGradient evaluate(double[] scores, int[] ranks) {
        Rankings.check(scores, ranks);
        double[] dScores = new double[scores.length];
        int comparisons = Rankings.comparisons(ranks);
        if (comparisons == 0) {
            return new RankingGradient(0, dScores, 0);
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
        return new RankingGradient(loss, dScores, comparisons);
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
