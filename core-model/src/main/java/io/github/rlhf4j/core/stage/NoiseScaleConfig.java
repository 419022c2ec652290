package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

/**
 * Whether the noise of gradients is measured while a model is trained.
 *
 * @param noiseScaleSteps steps from one measurement to the next, each of which costs about a step more; 0: none
 */
public record NoiseScaleConfig(long noiseScaleSteps) implements ConfigGroup {
    private static final String KEY = "noise_scale_steps";

    /** None. */
    public static final NoiseScaleConfig NONE = new NoiseScaleConfig(0);

    public NoiseScaleConfig {
        checkConfig(noiseScaleSteps >= 0, KEY, noiseScaleSteps, "must be >= 1, or 0 for none");
    }

    /** Requires steps of which a part can be compared with the whole. */
    public void checkFor(TrainingConfig training) {
        checkConfig(
                noiseScaleSteps == 0 || training.batchSize() >= 2,
                KEY,
                noiseScaleSteps,
                "must be 0 with batch_size 1: a part of the batch is compared with the whole");
    }
}
