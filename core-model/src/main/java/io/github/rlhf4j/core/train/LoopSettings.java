package io.github.rlhf4j.core.train;

/**
 * How long a training loop runs and how often it reports.
 *
 * @param steps optimiser steps (ppo: iterations) in all
 * @param loggingSteps a line of metrics every so many steps, >= 1
 * @param evalSteps an evaluation every so many steps and at the end; 0 only at the end
 * @param saveSteps a checkpoint every so many steps; 0 none before the end
 * @param saveTotalLimit checkpoints kept, the newest; 0 all
 */
public record LoopSettings(long steps, long loggingSteps, long evalSteps, long saveSteps, int saveTotalLimit) {}
