package io.github.rlhf4j.ppo;

import java.util.List;

/**
 * The size of a whole mini-batch: what losses are divided by, however the mini-batch is cut into micro-batches.
 *
 * @param responses responses, > 0
 * @param tokens their tokens, > 0
 * @param positions their positions with a value
 */
public record MiniBatchSize(int responses, long tokens, long positions) {
    /** The size of {@code miniBatch}. */
    public static MiniBatchSize of(List<Experience> miniBatch) {
        return new MiniBatchSize(
                miniBatch.size(),
                miniBatch.stream().mapToLong(Experience::tokens).sum(),
                miniBatch.stream().mapToLong(Experience::positions).sum());
    }
}
