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
            ActivationBuffer attentionStatistics, // (N, 1 or 2)
            ActivationBuffer rawQueryKey, // (N, (H + Hkv) D), before the norms of heads
            ActivationBuffer headInverseRms, // (N, H + Hkv)
            ActivationBuffer queryKeyValue, // (N, (H + 2 Hkv) D), rotated
            ActivationBuffer attention, // (N, H D)
            ActivationBuffer logSumExp, // (N, H)
            ActivationBuffer middle, // (M, C), after attention's residual sum
            ActivationBuffer feedForwardStatistics, // (M, 1 or 2)
            FeedForwardBuffers.Saved feedForward) {}

    private final List<ActivationBuffer> buffers = new ArrayList<>();
    private final DataType type;
    private final List<OfBlock> blocks = new ArrayList<>();

    final ActivationBuffer normed; // (N, C)
    final FeedForwardBuffers feedForward;
    final ActivationBuffer branch; // (N, C): a branch before dropout, or its gradient
    final ActivationBuffer selected; // (M, H D): queries or attention at the rows that are wanted, or gradients
    final ActivationBuffer selectedNormed; // (M, C): what those queries are made of, or its gradient
    final ActivationBuffer last; // (M, C): output of the last block
    final ActivationBuffer lastStatistics; // (M, 1 or 2)
    final ActivationBuffer lastNormed; // (M, C)
    final ActivationBuffer headRows; // (chunk, C)
    final ActivationBuffer logits; // (chunk, V)
    final ActivationBuffer scores; // (scalar rows, 1)
    final ActivationBuffer labelScores; // (scalar rows, 2)

    final ActivationBuffer dX; // (N, C)
    final ActivationBuffer dLast; // (M, C)
    final ActivationBuffer dLastNormed; // (M, C)
    final ActivationBuffer dHeadRows; // (chunk, C)
    final ActivationBuffer dNormed; // (N, C)
    final ActivationBuffer dAttention; // (N, H D)
    final ActivationBuffer dQueryKeyValue; // (N, (H + 2 Hkv) D)
    final ActivationBuffer dQueryKey; // (N, (H + Hkv) D): before the norms of heads

    Activations(ModelConfig config, Kernels kernels) {
        this.type = kernels.type();
        int hidden = config.hiddenSize();
        int query = config.queryWidth();
        int queryKey = query + config.keyValueWidth();
        int statistics = config.norm().statistics();
        feedForward = new FeedForwardBuffers(config, type);
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(new OfBlock(
                    buffer(hidden),
                    buffer(statistics),
                    buffer(queryKey),
                    buffer(config.heads() + config.keyValueHeads()),
                    buffer(config.queryKeyValueWidth()),
                    buffer(query),
                    buffer(config.heads()),
                    buffer(hidden),
                    buffer(statistics),
                    feedForward.layer()));
        }
        normed = buffer(hidden);
        branch = buffer(hidden);
        selected = buffer(query);
        selectedNormed = buffer(hidden);
        last = buffer(hidden);
        lastStatistics = buffer(statistics);
        lastNormed = buffer(hidden);
        headRows = buffer(hidden);
        logits = buffer(config.vocabSize());
        scores = buffer(1);
        labelScores = buffer(2);
        dX = buffer(hidden);
        dLast = buffer(hidden);
        dLastNormed = buffer(hidden);
        dHeadRows = buffer(hidden);
        dNormed = buffer(hidden);
        dAttention = buffer(query);
        dQueryKeyValue = buffer(config.queryKeyValueWidth());
        dQueryKey = buffer(queryKey);
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
        return buffers.stream().mapToLong(ActivationBuffer::bytes).sum() + feedForward.bytes();
    }

    @Override
    public void close() {
        buffers.forEach(ActivationBuffer::close);
        feedForward.close();
    }
}
