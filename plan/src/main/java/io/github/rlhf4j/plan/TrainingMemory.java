package io.github.rlhf4j.plan;

import io.github.rlhf4j.core.UserError;
import java.util.Optional;

/**
 * Bytes that training takes in general, with attention that keeps no scores (FlashAttention), on one device:
 *
 * <pre>
 *   trained weights   weight + gradient + master copy + moments, by precision and optimiser
 *   weights under an adapter   by --base-weights
 *   activations       of each token and layer: 4 C + q + k + v + H Dv + 3 F (gated, else 2 F) numbers
 *                     with checkpointing: C numbers, and those of one layer
 *   logits            V float32 numbers of each token, and their gradients
 * </pre>
 */
record TrainingMemory(long trained, long weights, long gradients, long optimizer, long activations, long logits) {
    private static final int FLOAT = 4;

    static TrainingMemory of(
            Parameters parameters, Optional<ModelShape> model, long length, long batch, PlanOptions.Training training) {
        Precision precision = training.precision();
        long total = parameters.total();
        boolean adapter = training.adapterRank().isPresent();
        long trained = adapter
                ? Adapters.weights(
                        model.orElseThrow(() -> new UserError("--adapter-r needs a model whose sizes are known")),
                        training.adapterRank().getAsLong())
                : total;
        long base = !adapter
                ? 0
                : training.baseWeights().map(bits -> bits.bytes(total)).orElse(total * precision.weightBytes());
        long tokens = length * batch;
        long kept = model.map(shape -> activations(shape, tokens, training)).orElse(0L);
        long logits =
                model.map(shape -> 2 * FLOAT * shape.vocabulary() * tokens).orElse(0L);
        return new TrainingMemory(
                trained,
                base + trained * precision.weightBytes(),
                trained * precision.gradientBytes(),
                trained * (precision.masterBytes() + training.optimizer().bytes(precision)),
                kept,
                logits);
    }

    private static long activations(ModelShape model, long tokens, PlanOptions.Training training) {
        long all = 0;
        long widest = 0;
        for (LayerShape layer : model.layers()) {
            long numbers = numbers(model, layer);
            all += numbers;
            widest = Math.max(widest, numbers);
        }
        long ofToken = training.checkpointing() ? model.layers().size() * model.hidden() + widest : all;
        return ofToken * tokens * training.precision().activationBytes();
    }

    private static long numbers(ModelShape model, LayerShape layer) {
        AttentionShape attention = layer.attention();
        FeedForwardShape feedForward = layer.feedForward();
        return 4 * model.hidden()
                + attention.projected()
                + attention.heads() * attention.valueDim()
                + (feedForward.gated() ? 3 : 2) * feedForward.width();
    }

    long total() {
        return weights + gradients + optimizer + activations + logits;
    }

    /** Bytes of weights, gradients and optimiser for each trained parameter, where all are trained. */
    static int bytesOfParameter(PlanOptions.Training training) {
        Precision precision = training.precision();
        return precision.weightBytes()
                + precision.gradientBytes()
                + precision.masterBytes()
                + training.optimizer().bytes(precision);
    }
}
