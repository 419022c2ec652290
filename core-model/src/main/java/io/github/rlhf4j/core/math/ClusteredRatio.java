package io.github.rlhf4j.core.math;

import java.util.OptionalDouble;

/**
 * A share of hits when tries come in clusters that are not independent within, such as the pairs of one ranking.
 *
 * <pre>  r = sum h_i / sum t_i,   se = sqrt( n / (n - 1)  sum (h_i - r t_i)^2 ) / sum t_i</pre>
 *
 * <p>Where each cluster is one try it is the plain mean and its standard error. Source: Cochran 1977, Sampling Techniques, section 2.11.
 *
 * @param value hits / tries
 * @param standardError over clusters; absent where there are fewer than two
 * @param tries of all clusters
 */
public record ClusteredRatio(double value, OptionalDouble standardError, long tries) {
    /**
     * The ratio.
     *
     * @param hits of each cluster
     * @param tries of each cluster, their sum > 0
     */
    public static ClusteredRatio of(double[] hits, double[] tries) {
        double allHits = 0;
        double allTries = 0;
        for (int i = 0; i < hits.length; i++) {
            allHits += hits[i];
            allTries += tries[i];
        }
        double ratio = allHits / allTries;
        double squares = 0;
        for (int i = 0; i < hits.length; i++) {
            double residual = hits[i] - ratio * tries[i];
            squares += residual * residual;
        }
        double n = hits.length;
        OptionalDouble error =
                n < 2 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(n / (n - 1) * squares) / allTries);
        return new ClusteredRatio(ratio, error, Math.round(allTries));
    }
}
