package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tensor.WeightType;
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
 * @param bytes that the stage will take, of all its models and of sampling, without the program's own; empty where that is not known
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
        OptionalLong microBatchTokens,
        OptionalLong bytes) {}
