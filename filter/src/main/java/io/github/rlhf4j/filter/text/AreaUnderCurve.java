package io.github.rlhf4j.filter.text;

import java.util.Arrays;

/**
 * The area under the receiver operating characteristic: the probability that a good text has a larger score than a bad one, a tie a half.
 *
 * @param area in [0, 1]; 0.5 is chance
 * @param standardError by Hanley and McNeil 1982
 */
public record AreaUnderCurve(double area, double standardError) {
    /** Of scores of good and of bad texts, both not empty. */
    public static AreaUnderCurve of(double[] good, double[] bad) {
        double[] sorted = bad.clone();
        Arrays.sort(sorted);
        double wins = 0;
        for (double score : good) {
            wins += (below(sorted, score, false) + below(sorted, score, true)) / 2.0;
        }
        double a = wins / good.length / bad.length;
        double q1 = a / (2 - a);
        double q2 = 2 * a * a / (1 + a);
        double variance = (a * (1 - a) + (good.length - 1) * (q1 - a * a) + (bad.length - 1) * (q2 - a * a))
                / ((double) good.length * bad.length);
        return new AreaUnderCurve(a, Math.sqrt(Math.max(0, variance)));
    }

    /** How many are smaller, or not larger. */
    private static int below(double[] sorted, double score, boolean orEqual) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (orEqual ? sorted[middle] <= score : sorted[middle] < score) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
