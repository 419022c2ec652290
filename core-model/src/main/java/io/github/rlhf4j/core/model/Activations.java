package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a model's activations and of their gradients, reused by every micro-batch.
 *
 * <p>A pass without a backward pass touches the first layer's buffers only; so does gradient checkpointing, apart from each layer's input.
 */
final class Activations implements AutoCloseable {
    /** What the backward pass of one block needs. */
    record OfBlock(
            ActivationBuffer input, // (N, C)
            ActivationBuffer attentionInverseRms, // (N, 1)
            ActivationBuffer queryKeyValue, // (N, (H + 2 Hkv) D), rotated
            ActivationBuffer attention, // (N, H D)
            ActivationBuffer logSumExp, // (N, H)
            ActivationBuffer middle, // (M, C), after attention's residual sum
            ActivationBuffer mlpInverseRms, // (M, 1)
            ActivationBuffer gateUp // (M, 2 F)
            ) {}

    private final List<ActivationBuffer> buffers = new ArrayList<>();
    private final DataType type;
    private final List<OfBlock> blocks = new ArrayList<>();

    final ActivationBuffer normed; // (N, C)
    final ActivationBuffer inner; // (N, F)
    final ActivationBuffer branch; // (N, C): a branch before dropout, or its gradient
    final ActivationBuffer selected; // (M, H D): attention at the rows that are wanted
    final ActivationBuffer last; // (M, C): output of the last block
    final ActivationBuffer lastInverseRms; // (M, 1)
    final ActivationBuffer lastNormed; // (M, C)
    final ActivationBuffer headRows; // (chunk, C)
    final ActivationBuffer logits; // (chunk, V)
    final ActivationBuffer scores; // (reads, 1)

    final ActivationBuffer dX; // (N, C)
    final ActivationBuffer dLast; // (M, C)
    final ActivationBuffer dLastNormed; // (M, C)
    final ActivationBuffer dHeadRows; // (chunk, C)
    final ActivationBuffer dNormed; // (N, C)
    final ActivationBuffer dGateUp; // (N, 2 F)
    final ActivationBuffer dAttention; // (N, H D)
    final ActivationBuffer dQueryKeyValue; // (N, (H + 2 Hkv) D)

    Activations(ModelConfig config, Kernels kernels) {
        this.type = kernels.type();
        int hidden = config.hiddenSize();
        int query = config.queryWidth();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new OfBlock(
                    buffer(hidden),
                    buffer(1),
                    buffer(config.queryKeyValueWidth()),
                    buffer(query),
                    buffer(config.heads()),
                    buffer(hidden),
                    buffer(1),
                    buffer(2 * config.intermediateSize())));
        }
        normed = buffer(hidden);
        inner = buffer(config.intermediateSize());
        branch = buffer(hidden);
        selected = buffer(query);
        last = buffer(hidden);
        lastInverseRms = buffer(1);
        lastNormed = buffer(hidden);
        headRows = buffer(hidden);
        logits = buffer(config.vocabSize());
        scores = buffer(1);
        dX = buffer(hidden);
        dLast = buffer(hidden);
        dLastNormed = buffer(hidden);
        dHeadRows = buffer(hidden);
        dNormed = buffer(hidden);
        dGateUp = buffer(2 * config.intermediateSize());
        dAttention = buffer(query);
        dQueryKeyValue = buffer(config.queryKeyValueWidth());
    }

    private ActivationBuffer buffer(int columns) {
        ActivationBuffer buffer = new ActivationBuffer(type, columns);
        buffers.add(buffer);
        return buffer;
    }

    OfBlock block(int layer) {
        return blocks.get(layer);
    }

    long bytes() {
        return buffers.stream().mapToLong(ActivationBuffer::bytes).sum();
    }

    @Override
    public void close() {
        buffers.forEach(ActivationBuffer::close);
    }
}
