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

    /** Least squares of y = d (alpha - beta d): alpha, beta. */
    static double[] fit(List<double[]> points) {
        double two = 0;
        double three = 0;
        double four = 0;
        double one = 0;
        double square = 0;
        for (double[] point : points) {
            double d = point[0];
            two += d * d;
            three += d * d * d;
            four += d * d * d * d;
            one += d * point[1];
            square += d * d * point[1];
        }
        double determinant = three * three - two * four;
        return new double[] {(square * three - one * four) / determinant, (square * two - one * three) / determinant};
    }
}
