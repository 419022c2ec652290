package io.github.rlhf4j.plan;

import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.util.Optional;

/**
 * Bytes that this program takes to train a model: float32, AdamW, micro-batches as it cuts them.
 *
 * @param program the JVM, libraries and a tokenizer
 * @param weights of the model
 * @param trained gradients, moments and, of an adapter, weights
 * @param replicas of small models, one for each processor
 * @param activations of a micro-batch
 */
public record MemoryHere(long program, long weights, long trained, long replicas, long activations) {
    private static final int OTHERS_OF_A_WEIGHT = 3; // its gradient and two moments

    /**
     * Of a training.
     *
     * @param adapter that is trained; empty: all weights are
     * @param base how the weights under an adapter are held
     * @param rows tokens of a batch
     * @param length of a sequence
     * @param microBatchTokens rows that go through the model at once, 0 where the program chooses
     * @param processors of the machine
     */
    public static MemoryHere of(
            ModelConfig config,
            Optional<LoraConfig> adapter,
            WeightType base,
            boolean checkpointing,
            long rows,
            int length,
            int microBatchTokens,
            int processors) {
        ModelSize size = new ModelSize(config, PlanSubject.heads(), DataType.FLOAT, base);
        long bytes = size.type().bytes();
        long trained = adapter.map(lora -> (1L + OTHERS_OF_A_WEIGHT) * bytes * size.adapterParameters(lora))
                .orElse(OTHERS_OF_A_WEIGHT * size.weightBytes());
        int most = microBatchTokens > 0
                ? microBatchTokens
                : OptimizerSettings.defaultMicroBatchTokens(size, Compute.FLOAT32);
        long micro = (long) Math.max(1, most / length) * length;
        int together = (int) Math.min(rows, micro);
        return new MemoryHere(
                size.programBytes(),
                size.weightBytes(),
                trained,
                size.replicaBytes(processors),
                size.activationBytes(together, true, checkpointing));
    }

    /** An adapter on all linear layers. */
    static LoraConfig adapter(int rank) {
        return new LoraConfig(rank, rank, false, Optional.of(TargetModules.all()));
    }

    /** All of it. */
    public long total() {
        return program + weights + trained + replicas + activations;
    }
}
