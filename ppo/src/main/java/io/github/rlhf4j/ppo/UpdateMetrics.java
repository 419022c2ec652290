package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is reported of an iteration's updates, in TRL's names: means over its mini-batches. */
public final class UpdateMetrics {
    private UpdateMetrics() {}

    /** Of the mini-batches that were not skipped: their statistics, and what the other terms of the policy's loss report. */
    static Map<String, Double> of(List<PpoTrainer.Update> updates) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (!updates.isEmpty()) {
            metrics.putAll(
                    named(updates.stream().map(PpoTrainer.Update::statistics).toList()));
        }
        StepMetrics others = new StepMetrics();
        updates.forEach(update -> others.addAll(update.metrics()));
        others.values()
                .forEach((name, value) -> { // a mixture's router loss; PPO-ptx's loss and what SFT reports beside it
                    boolean own = name.equals("aux_loss") || name.equals(PretrainingLoss.NAME);
                    metrics.put(own ? name : "ptx/" + name, value);
                });
        return metrics;
    }

    /**
     * The metrics by name, in a fixed order; {@code val/ratio_var} is the sample variance of the mini-batches' mean ratios, 0 with one.
     *
     * @param miniBatches statistics of each mini-batch of the iteration, at least one
     */
    public static Map<String, Double> named(List<PpoStatistics> miniBatches) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        put(metrics, "policy/approxkl_avg", miniBatches, PpoStatistics::approxKl);
        put(metrics, "policy/clipfrac_avg", miniBatches, PpoStatistics::clipFraction);
        put(metrics, "policy/entropy_avg", miniBatches, PpoStatistics::meanEntropy);
        put(metrics, "loss/policy_avg", miniBatches, PpoStatistics::policyLoss);
        put(metrics, "loss/value_avg", miniBatches, PpoStatistics::valueLoss);
        put(metrics, "val/clipfrac_avg", miniBatches, PpoStatistics::valueClipFraction);
        RunningStatistics ratio = over(miniBatches, PpoStatistics::meanRatio);
        metrics.put("val/ratio", ratio.mean());
        metrics.put("val/ratio_var", ratio.sampleVariance());
        return metrics;
    }

    private static void put(
            Map<String, Double> metrics,
            String name,
            List<PpoStatistics> miniBatches,
            ToDoubleFunction<PpoStatistics> number) {
        metrics.put(name, over(miniBatches, number).mean());
    }

    private static RunningStatistics over(List<PpoStatistics> miniBatches, ToDoubleFunction<PpoStatistics> number) {
        return RunningStatistics.of(miniBatches.stream().mapToDouble(number).toArray());
    }
}
