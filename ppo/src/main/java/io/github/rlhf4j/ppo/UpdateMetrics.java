package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is reported of an iteration's updates, in TRL's names: means over its mini-batches. */
public final class UpdateMetrics {
    private UpdateMetrics() {}

    /**
     * The metrics by name, in a fixed order; {@code val/ratio_var} is the sample variance of the mini-batches' mean ratios, 0 with one.
     *
     * @param miniBatches statistics of each mini-batch of the iteration, at least one
     */
    public static Map<String, Double> named(List<PpoStatistics> miniBatches) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(
                "policy/approxkl_avg",
                over(miniBatches, PpoStatistics::approxKl).mean());
        metrics.put(
                "policy/clipfrac_avg",
                over(miniBatches, PpoStatistics::clipFraction).mean());
        metrics.put(
                "policy/entropy_avg",
                over(miniBatches, PpoStatistics::meanEntropy).mean());
        metrics.put(
                "loss/policy_avg", over(miniBatches, PpoStatistics::policyLoss).mean());
        metrics.put(
                "loss/value_avg", over(miniBatches, PpoStatistics::valueLoss).mean());
        metrics.put(
                "val/clipfrac_avg",
                over(miniBatches, PpoStatistics::valueClipFraction).mean());
        RunningStatistics ratio = over(miniBatches, PpoStatistics::meanRatio);
        metrics.put("val/ratio", ratio.mean());
        metrics.put("val/ratio_var", ratio.sampleVariance());
        return metrics;
    }

    private static RunningStatistics over(List<PpoStatistics> miniBatches, ToDoubleFunction<PpoStatistics> number) {
        return RunningStatistics.of(miniBatches.stream().mapToDouble(number).toArray());
    }
}
