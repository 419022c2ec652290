package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One token more for each of several sequences whose keys and values are cached.
 *
 * <p>Products always run over a whole number of tiles of {@link #TILE} rows, so what a sequence gets hardly depends on how many others there are (within rounding). Owns its
 * activations until {@link #close}; nothing is allocated once the largest number of rows has been seen.
 */
public final class IncrementalDecoder implements AutoCloseable {
    /** OpenBLAS computes fewer than 7 rows in another order than more. */
    private static final int TILE = 8;

    private final Transformer model;
    private final Kernels kernels;
    private final List<Block> blocks;
    private final Buffers buffers;
    private @Nullable Tensor rotated; // (N, (H + Hkv) D), a view of the queries and keys

    private static final class Buffers implements AutoCloseable {
        final ActivationBuffer x; // (N, C)
        final ActivationBuffer normed; // (N, C)
        final ActivationBuffer inverseRms; // (N, 1)
        final ActivationBuffer queryKeyValue; // (N, (H + 2 Hkv) D)
        final ActivationBuffer attention; // (N, H D)
        final ActivationBuffer gateUp; // (N, 2 F)
        final ActivationBuffer inner; // (N, F)
        final ActivationBuffer logits; // (N, V)

        Buffers(ModelConfig config, Kernels kernels) {
            x = new ActivationBuffer(kernels.type(), config.hiddenSize());
            normed = new ActivationBuffer(kernels.type(), config.hiddenSize());
            inverseRms = new ActivationBuffer(kernels.type(), 1);
            queryKeyValue = new ActivationBuffer(kernels.type(), config.queryKeyValueWidth());
            attention = new ActivationBuffer(kernels.type(), config.queryWidth());
            gateUp = new ActivationBuffer(kernels.type(), 2 * config.intermediateSize());
            inner = new ActivationBuffer(kernels.type(), config.intermediateSize());
            logits = new ActivationBuffer(kernels.type(), config.vocabSize());
        }

        @Override
        public void close() {
            x.close();
            normed.close();
            inverseRms.close();
            queryKeyValue.close();
            attention.close();
            gateUp.close();
            inner.close();
            logits.close();
        }
    }

    /** A decoder of {@code model}, which it does not own and whose language head it needs. */
    public IncrementalDecoder(Transformer model) {
        this.model = model;
        this.kernels = model.kernels();
        this.blocks = model.blocks();
        this.buffers = new Buffers(model.config(), kernels);
    }

    /** Rows that {@link #step} needs of each array for {@code sequences} sequences: that many, to a whole tile. */
    public static int paddedRows(int sequences) {
        return (sequences + TILE - 1) / TILE * TILE;
    }

    /**
     * Feeds one token of each sequence and returns the logits behind it.
     *
     * @param cache receives the tokens' keys and values
     * @param rows how many sequences
     * @param tokens token of each; {@link #paddedRows} entries, those beyond {@code rows} any valid token
     * @param positions absolute position of each token; {@link #paddedRows} entries, those beyond {@code rows} any valid position
     * @param pages pages of each sequence, the token's own included
     * @return (padded rows, V), before any temperature, to be overwritten as one likes; valid until the next step
     */
    public Tensor step(KeyValueCache cache, int rows, int[] tokens, int[] positions, int[][] pages) {
        int padded = paddedRows(rows);
        Tensor x = buffers.x.rows(padded);
        kernels.gatherRows(x, model.embedding(), tokens, 0, padded);
        for (int layer = 0; layer < blocks.size(); layer++) {
            attend(x, cache, layer, rows, positions, pages);
            feedForward(x, blocks.get(layer));
        }
        Tensor normed = buffers.normed.rows(padded);
        model.finalNorm().forward(normed, buffers.inverseRms.rows(padded), x);
        Tensor logits = buffers.logits.rows(padded);
        model.languageHead().forward(logits, normed);
        return logits;
    }

    private void attend(Tensor x, KeyValueCache cache, int layer, int rows, int[] positions, int[][] pages) {
        Block block = blocks.get(layer);
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor queryKeyValue = buffers.queryKeyValue.rows(x.rows());
        Tensor attention = buffers.attention.rows(x.rows());
        block.attentionNorm().forward(normed, buffers.inverseRms.rows(x.rows()), x);
        block.queryKeyValue().forward(queryKeyValue, normed);
        RotaryTable rotary = model.rotary();
        int dim = model.config().headDim();
        kernels.rotate(rotated(queryKeyValue), positions, rotary.cosines(), rotary.sines(), dim, false);
        kernels.decodeAttention(
                attention, queryKeyValue, cache.layer(layer), cache.layout(layer), positions, pages, rows);
        block.output().forwardAdding(x, attention);
    }

    private Tensor rotated(Tensor queryKeyValue) {
        Tensor view = rotated;
        if (view == null || view.rows() != queryKeyValue.rows() || view.address() != queryKeyValue.address()) {
            ModelConfig config = model.config();
            view = queryKeyValue.columns(0, config.queryWidth() + config.keyValueWidth());
            rotated = view;
        }
        return view;
    }

    private void feedForward(Tensor x, Block block) {
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor gateUp = buffers.gateUp.rows(x.rows());
        Tensor inner = buffers.inner.rows(x.rows());
        block.mlpNorm().forward(normed, buffers.inverseRms.rows(x.rows()), x);
        block.gateUp().forward(gateUp, normed);
        kernels.swiGlu(inner, gateUp);
        block.down().forwardAdding(x, inner);
    }

    @Override
    public void close() {
        buffers.close();
    }
}
