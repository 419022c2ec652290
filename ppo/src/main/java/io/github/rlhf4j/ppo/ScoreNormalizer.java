package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.math.RunningStatistics;
import java.util.Arrays;

/** Puts scores on a common scale before they become rewards. Immutable: what it learns is in the value that {@link #observe} returns. */
public sealed interface ScoreNormalizer {
    /** The normaliser after a batch of raw scores; call it before {@link #apply} to the same batch. */
    ScoreNormalizer observe(double[] scores);

    /** The normalised scores; the argument is not modified. */
    double[] apply(double[] scores);

    /** Scores as they are. */
    record None() implements ScoreNormalizer {
        @Override
        public ScoreNormalizer observe(double[] scores) {
            return this;
        }

        @Override
        public double[] apply(double[] scores) {
            return scores.clone();
        }
    }

    /** Mean and spread of the batch itself taken out. */
    record Batch() implements ScoreNormalizer {
        @Override
        public ScoreNormalizer observe(double[] scores) {
            return this;
        }

        @Override
        public double[] apply(double[] scores) {
            return standardized(scores, RunningStatistics.of(scores));
        }
    }

    /**
     * Mean and spread of all scores so far taken out.
     *
     * @param seen what was seen: the whole state
     */
    record Running(RunningStatistics seen) implements ScoreNormalizer {
        @Override
        public ScoreNormalizer observe(double[] scores) {
            return new Running(seen.merge(RunningStatistics.of(scores)));
        }

        @Override
        public double[] apply(double[] scores) {
            return standardized(scores, seen);
        }
    }

    /**
     * The reward model's own mean and spread taken out, which were stored with it.
     *
     * @param mean {@code score_mean}, finite
     * @param std {@code score_std}, > 0
     */
    record Stored(double mean, double std) implements ScoreNormalizer {
        public Stored {
            if (!Double.isFinite(mean) || !(std > 0 && Double.isFinite(std))) {
                throw new IllegalArgumentException(
                        "stored statistics must be finite with std > 0, but are " + mean + " and " + std);
            }
        }

        @Override
        public ScoreNormalizer observe(double[] scores) {
            return this;
        }

        @Override
        public double[] apply(double[] scores) {
            return Arrays.stream(scores).map(score -> (score - mean) / std).toArray();
        }
    }

    /** {@code scores} clipped to -clip .. clip; an infinite clip is none. */
    static double[] clipped(double[] scores, double clip) {
        if (!(clip > 0)) {
            throw new IllegalArgumentException("reward_clip must be > 0, but is " + clip);
        }
        return Arrays.stream(scores)
                .map(score -> Math.max(-clip, Math.min(clip, score)))
                .toArray();
    }

    private static double[] standardized(double[] scores, RunningStatistics statistics) {
        double scale = 1 / Math.max(statistics.standardDeviation(), 1e-8); // equal scores become 0
        return Arrays.stream(scores)
                .map(score -> (score - statistics.mean()) * scale)
                .toArray();
    }
}
