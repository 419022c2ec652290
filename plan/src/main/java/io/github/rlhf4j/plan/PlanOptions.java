package io.github.rlhf4j.plan;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a model is planned for.
 *
 * @param workload data and sequences
 * @param training how it is trained
 * @param hardware what computes
 * @param network what joins several workers
 */
public record PlanOptions(
        Workload workload, Training training, Optional<Hardware> hardware, Optional<Network> network) {
    /** Published tokens, mixed precision, AdamW, nothing that computes. */
    public static final PlanOptions DEFAULT = new PlanOptions(
            new Workload(OptionalDouble.empty(), 1, OptionalLong.empty(), 1),
            new Training(Precision.MIXED, OptimizerKind.ADAMW, OptionalLong.empty(), Optional.empty(), false),
            Optional.empty(),
            Optional.empty());

    /**
     * @param tokens of the data; empty: those that the model was trained on, where its paper says so, or else 20 a parameter
     * @param epochs how often they are seen
     * @param length tokens of a sequence; empty: the model's own in training, where its paper says so, or else its context, 8,192 at most
     * @param batchSize sequences together
     */
    public record Workload(OptionalDouble tokens, double epochs, OptionalLong length, long batchSize) {
        public Workload {
            Checks.positive("--epochs", epochs);
            Checks.positive("--batch-size", batchSize);
            tokens.ifPresent(value -> Checks.positive("--tokens", value));
            length.ifPresent(value -> Checks.positive("--length", value));
        }
    }

    /**
     * @param precision of numbers
     * @param optimizer what it keeps
     * @param adapterRank of a low-rank adapter on all linear layers; empty: all weights are trained
     * @param baseWeights how the weights under an adapter are held; empty: as the precision has it
     * @param checkpointing whether activations are computed again in the backward pass
     */
    public record Training(
            Precision precision,
            OptimizerKind optimizer,
            OptionalLong adapterRank,
            Optional<WeightBits> baseWeights,
            boolean checkpointing) {
        public Training {
            adapterRank.ifPresent(rank -> Checks.positive("--adapter-r", rank));
            Checks.require(
                    baseWeights.isEmpty() || adapterRank.isPresent(),
                    "--base-weights does nothing without --adapter-r: without an adapter all weights are trained");
        }
    }

    /**
     * @param workers N, that train one model together
     * @param bitsPerSecond of the line of each
     * @param every steps between two exchanges; 1: each step
     */
    public record Network(long workers, double bitsPerSecond, long every) {
        public Network {
            Checks.require(workers >= 2, "--workers must be >= 2, but is " + workers);
            Checks.positive("--bandwidth", bitsPerSecond);
            Checks.positive("--sync-every", every);
        }
    }
}
