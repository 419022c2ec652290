package com.example.rlhf;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.training.DataConfig;

/**
 * The keys of a stage of type {@code unlikelihood}: {@code model} and {@code alpha} are its own, the others those of every training stage. What has a default is in unlikelihood-defaults.yaml.
 *
 * @param model the language model to start from
 * @param data preference pairs
 * @param alpha how much the rejected responses count
 * @param training steps, learning rate, checkpoints
 */
public record UnlikelihoodConfig(ModelReference model, DataConfig data, double alpha, TrainingConfig training) {
    public UnlikelihoodConfig {
        checkConfig(alpha >= 0 && Double.isFinite(alpha), "alpha", alpha, "must be finite and >= 0");
        training.checkEvaluation(data.evalNames());
    }
}
