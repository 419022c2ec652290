package io.github.rlhf4j.pipeline.run;

import java.util.OptionalLong;

/**
 * What a training stage will take, as far as its config and its model's files tell before it runs.
 *
 * @param parameters of the model
 * @param bytes of all models, gradients, moments, activations and what sampling needs
 * @param tokens of a step at most: whole sequences
 * @param steps of the optimiser; empty where they depend on how many rows there are
 */
public record StageNeeds(long parameters, long bytes, long tokens, OptionalLong steps) {
    private static final int FORWARD_AND_BACKWARD = 6; // FLOPs for each parameter and token: 2 forward, 4 backward

    /** Bytes of native memory that this process may take; empty where there is no bound. */
    public static OptionalLong bound() {
        return MemoryCheck.boundOfProcess();
    }

    /** FLOPs of the whole stage, at most; empty where its steps are not known. */
    public OptionalLong flops() {
        return steps.isPresent()
                ? OptionalLong.of(FORWARD_AND_BACKWARD * parameters * tokens * steps.getAsLong())
                : OptionalLong.empty();
    }
}
