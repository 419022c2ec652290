package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

/**
 * What a training stage does about numbers that cannot be right.
 *
 * @param onNonfinite what follows a loss or a gradient that is not finite
 * @param lossSpikeSigma a loss or gradient norm so many standard deviations above the mean of the last steps is written aside; 0: none is
 * @param canarySteps steps from one second computation of the gradient to the next; 0: the arithmetic is not watched
 */
public record NumbersConfig(OnNonfinite onNonfinite, double lossSpikeSigma, long canarySteps) implements ConfigGroup {
    /** What follows. */
    public enum OnNonfinite {
        /** The stage ends. */
        STOP,
        /** The step is left out, at most {@link NumbersConfig#MOST_IN_A_ROW} one after the other and {@link NumbersConfig#MOST_SKIPPED} in all. */
        SKIP
    }

    /** Steps that may be left out one after the other. */
    public static final long MOST_IN_A_ROW = 10;

    /** Steps of a stage that may be left out. */
    public static final long MOST_SKIPPED = 100;

    /** Ends where something is not finite, and looks for nothing else. */
    public static final NumbersConfig DEFAULT = new NumbersConfig(OnNonfinite.STOP, 0, 0);

    public NumbersConfig {
        checkConfig(
                lossSpikeSigma >= 0 && Double.isFinite(lossSpikeSigma),
                "loss_spike_sigma",
                lossSpikeSigma,
                "must be > 0, or 0 for none");
        checkConfig(canarySteps >= 0, "canary_steps", canarySteps, "must be >= 1, or 0 for none");
    }
}
