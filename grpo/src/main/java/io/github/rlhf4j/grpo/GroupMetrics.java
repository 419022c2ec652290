package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.rollout.Rollout;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is reported of a generation: rewards and lengths, by TRL's names. */
final class GroupMetrics {
    private GroupMetrics() {}

    /** Sets them. */
    static void set(StepMetrics metrics, List<Rollout> rollouts) {
        lengths(metrics, "", rollouts);
        long cut = rollouts.stream().filter(rollout -> !rollout.ended()).count();
        metrics.set("completions/clipped_ratio", (double) cut / rollouts.size());
        lengths(metrics, "_terminated", rollouts.stream().filter(Rollout::ended).toList());
        for (String reward : rollouts.get(0).scores().keySet()) {
            RunningStatistics scores =
                    known(rollouts, rollout -> rollout.scores().getOrDefault(reward, Double.NaN));
            if (scores.count() > 0) {
                metrics.set("rewards/" + reward + "/mean", scores.mean());
                metrics.set("rewards/" + reward + "/std", Math.sqrt(scores.sampleVariance()));
            }
        }
        RunningStatistics all = known(rollouts, Rollout::score);
        if (all.count() > 0) {
            metrics.set("reward", all.mean());
            metrics.set("reward_std", Math.sqrt(all.sampleVariance()));
        }
    }

    /** Of those that have a score. */
    private static RunningStatistics known(List<Rollout> rollouts, ToDoubleFunction<Rollout> score) {
        return RunningStatistics.of(rollouts.stream()
                .mapToDouble(score)
                .filter(value -> !Double.isNaN(value))
                .toArray());
    }

    /** 0 where there is none, as TRL. */
    private static void lengths(StepMetrics metrics, String kind, List<Rollout> rollouts) {
        IntSummaryStatistics lengths =
                rollouts.stream().mapToInt(Rollout::tokens).summaryStatistics();
        metrics.set("completions/mean" + kind + "_length", lengths.getAverage());
        metrics.set("completions/min" + kind + "_length", rollouts.isEmpty() ? 0 : lengths.getMin());
        metrics.set("completions/max" + kind + "_length", rollouts.isEmpty() ? 0 : lengths.getMax());
    }
}
