package io.github.rlhf4j.lab.pages;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** What is expected of the best of n, from more samples than n. */
final class BestOf {
    private BestOf() {}

    /** The divergence from the policy, nats: log n - (n - 1) / n (Stiennon et al. 2020, Appendix G.3). */
    static double divergence(int n) {
        return Math.log(n) - (n - 1.0) / n;
    }

    /**
     * The mean of {@code value} at the highest {@code score}, over all choices of n of the samples (Nakano et al. 2021, Appendix I); of equal scores the later sample is the higher.
     */
    static double expected(double[] score, double[] value, int n) {
        int all = score.length;
        List<Integer> order = IntStream.range(0, all)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> score[i]).thenComparingInt(i -> i))
                .toList();
        double mean = 0;
        double weight = (double) n / all; // that the highest of all is among the n
        for (int place = all - 1; place >= n - 1; place--) {
            mean += weight * value[order.get(place)];
            weight *= place == 0 ? 0 : (place - n + 1.0) / place; // C(place - 1, n - 1) / C(place, n - 1)
        }
        return mean;
    }

    /**
     * Least squares of y = d (alpha - beta d), or of y = d (alpha - beta log d): alpha, beta; not finite where the points do not tell.
     *
     * @param points d, y
     */
    static double[] fit(List<double[]> points, boolean isBestOfN) {
        double ones = 0;
        double both = 0;
        double others = 0;
        double one = 0;
        double other = 0;
        for (double[] point : points) {
            double d = point[0];
            if (d > 0) {
                double second = isBestOfN ? d * d : d * Math.log(d);
                ones += d * d;
                both += d * second;
                others += second * second;
                one += d * point[1];
                other += second * point[1];
            }
        }
        double determinant = both * both - ones * others;
        return new double[] {(other * both - one * others) / determinant, (other * ones - one * both) / determinant};
    }
}
