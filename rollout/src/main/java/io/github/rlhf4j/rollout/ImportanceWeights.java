package io.github.rlhf4j.rollout;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that make samples of one distribution count as another's, each cut at a limit: truncated importance sampling by token.
 *
 * <pre>  w_t = min(limit, exp(trainer's old log-prob - sampler's))</pre>
 *
 * <p>Source: Ionides 2008 (truncated importance sampling); TRL's {@code token_truncate}, verl's TIS.
 */
public final class ImportanceWeights {
    private ImportanceWeights() {}

    /**
     * The weights of one response's tokens.
     *
     * @param trainer log-probs, nats
     * @param sampler log-probs, nats
     * @param limit {@code importance_sampling_clip_max}, > 0
     */
    public static double[] of(double[] trainer, double[] sampler, double limit) {
        return ImportanceSampling.TOKEN_TRUNCATE.weights(trainer, sampler, limit);
    }

    /** Metrics by TRL's names. */
    public static Map<String, Double> metrics(List<double[]> weights) {
        DoubleSummaryStatistics all =
                weights.stream().flatMapToDouble(Arrays::stream).summaryStatistics();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("sampling/importance_sampling_ratio/min", all.getMin());
        metrics.put("sampling/importance_sampling_ratio/mean", all.getAverage());
        metrics.put("sampling/importance_sampling_ratio/max", all.getMax());
        return metrics;
    }
}
