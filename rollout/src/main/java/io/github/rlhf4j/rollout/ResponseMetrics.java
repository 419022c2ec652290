package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is reported of an iteration's responses: scores, and lengths by the names of TRL's GRPO. */
public final class ResponseMetrics {
    private ResponseMetrics() {}

    /** The metrics by name, in a fixed order; a number that is not defined for these responses is left out. Where there are several rewards, each has its own mean and standard deviation, by TRL's names. */
    public static Map<String, Double> of(List<Rollout> rollouts) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        RunningStatistics scores = RunningStatistics.of(
                rollouts.stream().mapToDouble(Rollout::score).toArray());
        metrics.put("objective/raw_scores", scores.mean());
        if (scores.count() > 1) {
            metrics.put("objective/raw_scores_std", Math.sqrt(scores.sampleVariance()));
        }
        if (rollouts.get(0).scores().size() > 1) {
            rollouts.get(0).scores().keySet().forEach(reward -> metrics.putAll(component(reward, rollouts)));
        }
        IntSummaryStatistics lengths =
                rollouts.stream().mapToInt(Rollout::tokens).summaryStatistics();
        metrics.put("objective/response_length", lengths.getAverage());
        metrics.put("completions/min_length", (double) lengths.getMin());
        metrics.put("completions/max_length", (double) lengths.getMax());
        long unended = rollouts.stream().filter(rollout -> !rollout.ended()).count();
        metrics.put("completions/clipped_ratio", (double) unended / rollouts.size());
        return metrics;
    }

    /** The mean of each reward where there are several, by TRL's names, over the responses that it has scored. */
    public static Map<String, Double> rewardMeans(List<Rollout> rollouts) {
        Map<String, Double> means = new LinkedHashMap<>();
        if (rollouts.get(0).scores().size() > 1) {
            for (String reward : rollouts.get(0).scores().keySet()) {
                rollouts.stream()
                        .mapToDouble(rollout -> rollout.scores().getOrDefault(reward, Double.NaN))
                        .filter(value -> !Double.isNaN(value))
                        .average()
                        .ifPresent(mean -> means.put("rewards/" + reward + "/mean", mean));
            }
        }
        return means;
    }

    /** The mean of a number that each response has. */
    public static double mean(List<Rollout> rollouts, ToDoubleFunction<Rollout> number) {
        return rollouts.stream().mapToDouble(number).average().orElseThrow();
    }

    private static Map<String, Double> component(String reward, List<Rollout> rollouts) {
        RunningStatistics scores = RunningStatistics.of(rollouts.stream()
                .mapToDouble(rollout -> rollout.scores().getOrDefault(reward, 0.0))
                .filter(score -> !Double.isNaN(score))
                .toArray());
        Map<String, Double> metrics = new LinkedHashMap<>();
        if (scores.count() > 0) {
            metrics.put("rewards/" + reward + "/mean", scores.mean());
        }
        if (scores.count() > 1) {
            metrics.put("rewards/" + reward + "/std", Math.sqrt(scores.sampleVariance()));
        }
        return metrics;
    }
}
