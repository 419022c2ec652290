package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.StageContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far the trainer's log-probs of sampled tokens, before an iteration's first update, are from the sampler's. Immutable and mergeable.
 *
 * @param tokens seen
 * @param sum of the absolute differences, nats
 * @param largest of them
 */
public record SamplingDifference(long tokens, double sum, double largest) {
    /** Nothing seen. */
    public static final SamplingDifference EMPTY = new SamplingDifference(0, 0, 0);

    /** Of one response. */
    public static SamplingDifference of(double[] trainer, double[] sampler) {
        double sum = 0;
        double largest = 0;
        for (int t = 0; t < trainer.length; t++) {
            double difference = Math.abs(trainer[t] - sampler[t]);
            sum += difference;
            largest = Math.max(largest, difference);
        }
        return new SamplingDifference(trainer.length, sum, largest);
    }

    /** Of all roll-outs, which have the trainer's log-probs. */
    public static SamplingDifference of(List<Rollout> rollouts) {
        SamplingDifference all = EMPTY;
        for (Rollout rollout : rollouts) {
            all = all.merge(of(rollout.trainerLogProbs(), rollout.samplerLogProbs()));
        }
        return all;
    }

    /** With all that {@code other} has seen. */
    public SamplingDifference merge(SamplingDifference other) {
        return new SamplingDifference(tokens + other.tokens, sum + other.sum, Math.max(largest, other.largest));
    }

    /**
     * Checks that sampler and trainer agree; a stage does so before its first update. Where the trainer's products are rounded to bfloat16 they do not.
     *
     * @param tolerance nats a token
     */
    public void selfCheck(StageContext context, double tolerance) {
        if (!context.trainsInFloat32()) {
            return;
        }
        context.selfCheck(
                "sampler and trainer agree",
                largest <= tolerance,
                "a token's log-prob differs by at most %.1e nats (allowed %.0e)".formatted(largest, tolerance));
    }

    /** Metrics by name. */
    public Map<String, Double> named() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("sampling/logp_diff_mean", tokens == 0 ? 0 : sum / tokens);
        metrics.put("sampling/logp_diff_max", largest);
        return metrics;
    }
}
