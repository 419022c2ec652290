package io.github.rlhf4j.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * How often scores agree with the labels of rankings: of all pairs of responses with different rank, the share whose better response scores more; equal scores count 1/2. Labels that
 * tie are left out. The same rule serves the reward model and the hidden utility.
 */
final class RankingAccuracy {
    private final List<double[]> rankings = new ArrayList<>(); // {agreements, comparisons}

    /** Adds one ranking. */
    void add(double[] scores, int[] ranks) {
        double agreements = 0;
        double comparisons = 0;
        for (int better = 0; better < ranks.length; better++) {
            for (int worse = 0; worse < ranks.length; worse++) {
                if (ranks[better] < ranks[worse]) {
                    comparisons++;
                    agreements += scores[better] > scores[worse] ? 1 : scores[better] == scores[worse] ? 0.5 : 0;
                }
            }
        }
        rankings.add(new double[] {agreements, comparisons});
    }

    /** The accuracy over all pairs; the standard error takes the pairs of a ranking as one cluster. */
    Statistic statistic() {
        return Statistic.ratio(
                rankings.stream().mapToDouble(ranking -> ranking[0]).toArray(),
                rankings.stream().mapToDouble(ranking -> ranking[1]).toArray());
    }

    /** The accuracy less another's on the same rankings, with the standard error of the paired difference. */
    Statistic minus(RankingAccuracy other) {
        double[] differences = new double[rankings.size()];
        double[] comparisons = new double[rankings.size()];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = rankings.get(i)[0] - other.rankings.get(i)[0];
            comparisons[i] = rankings.get(i)[1];
        }
        return Statistic.ratio(differences, comparisons);
    }
}
