package io.github.rlhf4j.bestofn;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.TrainingConfig;

/**
 * Whether the model trains on what is kept and samples again.
 *
 * @param rounds how often; 0: it only samples
 * @param promptsPerRound prompts of a round, in the order of the data, which begin again at their end; 0: all of them
 */
public record RoundsConfig(int rounds, int promptsPerRound) implements ConfigGroup {
    /** Sampling alone. */
    public static final RoundsConfig NONE = new RoundsConfig(0, 0);

    public RoundsConfig {
        checkConfig(rounds >= 0, "rounds", rounds, "must be >= 0; 0: nothing is trained");
        checkConfig(promptsPerRound >= 0, "prompts_per_round", promptsPerRound, "must be >= 0; 0: all");
        checkConfig(
                rounds > 0 || promptsPerRound == 0,
                "prompts_per_round",
                promptsPerRound,
                "does nothing without rounds, so must be left out; the dataset's limit takes fewer prompts");
    }

    boolean train() {
        return rounds > 0;
    }

    /** Prompts of one pass of sampling. */
    long prompts(long rows) {
        return promptsPerRound == 0 ? rows : promptsPerRound;
    }

    /** Steps that sample, of each round. */
    long samplingSteps(long rows, int batchSize) {
        return (prompts(rows) + batchSize - 1) / batchSize;
    }

    /** Optimiser steps of each round. */
    long trainingSteps(long rows, TrainingConfig training) {
        if (!train()) {
            return 0;
        }
        double passes = training.data().numTrainEpochs() * samplingSteps(rows, training.batchSize());
        return training.data().maxSteps() > 0 ? training.data().maxSteps() : Math.max(1, (long) Math.ceil(passes));
    }
}
