package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whitening over all tokens of a batch of responses.
 *
 * <pre>  (x - mean) / sqrt(var + 1e-8)  (+ mean)</pre>
 *
 * <p>The variance is the biased one. Deviates from TRL, which uses the unbiased one.
 */
public final class Whitening {
    private static final double EPSILON = 1e-8;

    private Whitening() {}

    /**
     * The whitened values, in the shape of the argument, which is not modified.
     *
     * @param values by response, by token
     * @param keepMean whether only the spread changes
     */
    public static List<double[]> whiten(List<double[]> values, boolean keepMean) {
        RunningStatistics statistics = RunningStatistics.EMPTY;
        for (double[] response : values) {
            statistics = statistics.merge(RunningStatistics.of(response));
        }
        double mean = statistics.mean();
        double shift = keepMean ? mean : 0;
        double scale = 1 / Math.sqrt(statistics.variance() + EPSILON);
        List<double[]> whitened = new ArrayList<>();
        for (double[] response : values) {
            whitened.add(
                    Arrays.stream(response).map(x -> (x - mean) * scale + shift).toArray());
        }
        return whitened;
    }
}
