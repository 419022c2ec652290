package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is reported of an iteration's responses beside TRL's PPO: raw scores, lengths by the names of TRL's GRPO, and how well values foretell returns. */
final class ResponseMetrics {
    private ResponseMetrics() {}

    /** The metrics by name, in a fixed order; a number that is not defined for these responses is left out. */
    static Map<String, Double> named(List<Rollout> rollouts) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        RunningStatistics scores = RunningStatistics.of(
                rollouts.stream().mapToDouble(Rollout::score).toArray());
        metrics.put("objective/raw_scores", scores.mean());
        if (scores.count() > 1) {
            metrics.put("objective/raw_scores_std", Math.sqrt(scores.sampleVariance()));
        }
        IntSummaryStatistics lengths = rollouts.stream()
                .mapToInt(rollout -> rollout.responseIds().length)
                .summaryStatistics();
        metrics.put("objective/response_length", lengths.getAverage());
        metrics.put("completions/min_length", (double) lengths.getMin());
        metrics.put("completions/max_length", (double) lengths.getMax());
        long unended = rollouts.stream().filter(rollout -> !rollout.ended()).count();
        metrics.put("completions/clipped_ratio", (double) unended / rollouts.size());
        double explained = explainedVariance(rollouts);
        if (Double.isFinite(explained)) {
            metrics.put("val/explained_variance", explained);
        }
        return metrics;
    }

    /** {@code 1 - var(returns - values) / var(returns)}: 1 is perfect, 0 no better than a constant. */
    static double explainedVariance(List<Rollout> rollouts) {
        double[] returns = rollouts.stream()
                .flatMapToDouble(rollout -> Arrays.stream(rollout.fixed().returns()))
                .toArray();
        double[] values = rollouts.stream()
                .flatMapToDouble(rollout -> Arrays.stream(rollout.fixed().oldValues()))
                .toArray();
        double[] errors = new double[returns.length];
        Arrays.setAll(errors, i -> returns[i] - values[i]);
        double spread = RunningStatistics.of(returns).variance();
        return spread > 0 ? 1 - RunningStatistics.of(errors).variance() / spread : Double.NaN;
    }
}
