package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The model that a stage begins with, and what its config says of training it, before anything runs.
 *
 * @param stage its name
 * @param type of the stage
 * @param model its shape
 * @param trains whether it trains it
 * @param adapter a new adapter that is trained instead of all weights
 * @param weights how the weights under an adapter are held
 * @param gradientCheckpointing whether activations are computed again in the backward pass
 * @param batchSize sequences, pairs or prompts in a step
 * @param maxLength tokens of a sequence
 * @param maxSteps optimiser steps; empty where epochs of the data decide
 * @param microBatchTokens rows that go through the model at once; empty where the program chooses
 */
public record StageModel(
        String stage,
        String type,
        ModelConfig model,
        boolean trains,
        Optional<LoraConfig> adapter,
        WeightType weights,
        boolean gradientCheckpointing,
        OptionalLong batchSize,
        OptionalLong maxLength,
        OptionalLong maxSteps,
        OptionalLong microBatchTokens) {
    static StageModel of(PlannedStage stage, ModelConfig model) {
        Record config = stage.work().config();
        ConfigValue.Entries keys = stage.effective().entries();
        Optional<TuningConfig> tuning = ConfigInputs.tuning(config);
        return new StageModel(
                stage.name(),
                stage.type(),
                model,
                keys.entries().containsKey("learning_rate"),
                tuning.flatMap(TuningConfig::adapter).map(AdapterConfig::lora),
                tuning.map(TuningConfig::weights).orElse(WeightType.FLOAT32),
                keys.entries().get("gradient_checkpointing") instanceof ConfigValue.Scalar scalar
                        && scalar.text().equals("true"),
                number(keys, "batch_size"),
                number(keys, "max_length"),
                number(keys, "max_steps"),
                number(keys, "micro_batch_tokens"));
    }

    private static OptionalLong number(ConfigValue.Entries keys, String key) {
        return keys.entries().get(key) instanceof ConfigValue.Scalar scalar
                        && scalar.text().matches("[1-9][0-9]{0,17}")
                ? OptionalLong.of(Long.parseLong(scalar.text()))
                : OptionalLong.empty();
    }
}
