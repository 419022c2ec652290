package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of generation: prompts whole, then one token more for each of several sequences whose keys and values are cached.
 *
 * <p>Every row is computed independently of the other sequences', to the bit. Owns a copy of the weights in the form that this needs, taken by {@link #refresh}, and its
 * activations, until {@link #close}; nothing is allocated once the largest number of rows has been seen.
 */
public final class IncrementalDecoder implements AutoCloseable {
    private final Transformer model;
    private final Kernels kernels;
    private final List<Layer> layers = new ArrayList<>();
    private final PackedLinear head;
    private final NativeMemory weights = new NativeMemory(1 << 16);
    private final Buffers buffers;
    private @Nullable Tensor rotated; // (N, (H + Hkv) D), a view of the queries and keys

    /** A block with its products. */
    private record Layer(
            Block block, PackedLinear queryKeyValue, PackedLinear output, PackedLinear gateUp, PackedLinear down) {
        void refresh() {
            queryKeyValue.refresh();
            output.refresh();
            gateUp.refresh();
            down.refresh();
        }
    }

    /** What a layer's attention is: over a packed batch, or over the cache. */
    @FunctionalInterface
    private interface Attention {
        void attend(int layer, Tensor out, Tensor queryKeyValue);
    }

    private static final class Buffers implements AutoCloseable {
        final ActivationBuffer x; // (N, C)
        final ActivationBuffer normed; // (N, C)
        final ActivationBuffer inverseRms; // (N, 1)
        final ActivationBuffer queryKeyValue; // (N, (H + 2 Hkv) D)
        final ActivationBuffer attention; // (N, H D)
        final ActivationBuffer logSumExp; // (N, H)
        final ActivationBuffer gateUp; // (N, 2 F)
        final ActivationBuffer inner; // (N, F)
        final ActivationBuffer last; // (S, C)
        final ActivationBuffer logits; // (S, V)

        Buffers(ModelConfig config, Kernels kernels) {
            x = new ActivationBuffer(kernels.type(), config.hiddenSize());
            normed = new ActivationBuffer(kernels.type(), config.hiddenSize());
            inverseRms = new ActivationBuffer(kernels.type(), 1);
            queryKeyValue = new ActivationBuffer(kernels.type(), config.queryKeyValueWidth());
            attention = new ActivationBuffer(kernels.type(), config.queryWidth());
            logSumExp = new ActivationBuffer(kernels.type(), config.heads());
            gateUp = new ActivationBuffer(kernels.type(), 2 * config.intermediateSize());
            inner = new ActivationBuffer(kernels.type(), config.intermediateSize());
            last = new ActivationBuffer(kernels.type(), config.hiddenSize());
            logits = new ActivationBuffer(kernels.type(), config.vocabSize());
        }

        @Override
        public void close() {
            List.of(x, normed, inverseRms, queryKeyValue, attention, logSumExp, gateUp, inner, last, logits)
                    .forEach(ActivationBuffer::close);
        }
    }

    /** A decoder of {@code model}, which it does not own and whose language head it needs. Call {@link #refresh} before using it. */
    public IncrementalDecoder(Transformer model) {
        this.model = model;
        this.kernels = model.kernels();
        this.buffers = new Buffers(model.config(), kernels);
        for (Block block : model.blocks()) {
            layers.add(new Layer(
                    block,
                    packed(block.queryKeyValue()),
                    packed(block.output()),
                    packed(block.gateUp()),
                    packed(block.down())));
        }
        this.head = packed(model.languageHead());
    }

    private PackedLinear packed(Linear linear) {
        return new PackedLinear(kernels, linear, weights);
    }

    /** Takes the model's weights as they are now; they have changed if it has been trained. */
    public void refresh() {
        layers.forEach(Layer::refresh);
        head.refresh();
    }

    /**
     * Computes whole prompts in one packed pass, stores their keys and values and returns the logits behind their last tokens.
     *
     * @param prompts of one segment each
     * @param pages pages of each prompt
     * @return (prompts, V), before any temperature, to be overwritten as one likes; valid until the next call
     */
    public Tensor prefill(KeyValueCache cache, PackedBatch prompts, int[][] pages) {
        int[] starts = prompts.segmentStart();
        int[] lengths = prompts.segmentLength();
        RotaryTable.Turns turns = model.rotary().of(prompts);
        Tensor x = run(prompts.rows(), prompts.tokenIds(), turns, (layer, out, queryKeyValue) -> {
            for (int i = 0; i < pages.length; i++) {
                cache.store(layer, queryKeyValue, starts[i], lengths[i], pages[i]);
            }
            AttentionLayout layout = prompts.layout(model.config(), layer);
            kernels.attention(out, buffers.logSumExp.rows(prompts.rows()), queryKeyValue, layout);
        });
        int[] lastRows = new int[pages.length];
        for (int i = 0; i < lastRows.length; i++) {
            lastRows[i] = starts[i] + lengths[i] - 1;
        }
        Tensor last = buffers.last.rows(lastRows.length);
        kernels.gatherRows(last, x, lastRows, 0, lastRows.length);
        return logits(last);
    }

    /**
     * Feeds one token of each sequence and returns the logits behind it.
     *
     * @param cache receives the tokens' keys and values
     * @param rows how many sequences
     * @param tokens token of each
     * @param positions absolute position of each token
     * @param pages pages of each sequence, the token's own included
     * @return (rows, V), before any temperature, to be overwritten as one likes; valid until the next call
     */
    public Tensor step(KeyValueCache cache, int rows, int[] tokens, int[] positions, int[][] pages) {
        return logits(run(
                rows,
                tokens,
                model.rotary().ofLast(positions, rows),
                (layer, out, queryKeyValue) -> kernels.decodeAttention(
                        out, queryKeyValue, cache.layer(layer), cache.layout(layer), positions, pages, rows)));
    }

    private Tensor logits(Tensor x) {
        Tensor normed = buffers.normed.rows(x.rows());
        model.finalNorm().forward(normed, buffers.inverseRms.rows(x.rows()), x);
        Tensor logits = buffers.logits.rows(x.rows());
        head.forward(logits, normed);
        return logits;
    }

    /** All layers. */
    private Tensor run(int rows, int[] tokens, RotaryTable.Turns turns, Attention attention) {
        Tensor x = buffers.x.rows(rows);
        kernels.gatherRows(x, model.embedding(), tokens, 0, rows);
        for (int layer = 0; layer < layers.size(); layer++) {
            attend(x, layer, turns, attention);
            feedForward(x, layers.get(layer));
        }
        return x;
    }

    private void attend(Tensor x, int index, RotaryTable.Turns turns, Attention attention) {
        Layer layer = layers.get(index);
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor queryKeyValue = buffers.queryKeyValue.rows(x.rows());
        Tensor attended = buffers.attention.rows(x.rows());
        layer.block().attentionNorm().forward(normed, buffers.inverseRms.rows(x.rows()), x);
        layer.queryKeyValue().forward(queryKeyValue, normed);
        int dim = model.config().headDim();
        kernels.rotate(rotated(queryKeyValue), turns.index(), turns.cosines(), turns.sines(), dim, false);
        attention.attend(index, attended, queryKeyValue);
        layer.output().forwardAdding(x, attended);
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

    private void feedForward(Tensor x, Layer layer) {
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor gateUp = buffers.gateUp.rows(x.rows());
        Tensor inner = buffers.inner.rows(x.rows());
        layer.block().mlpNorm().forward(normed, buffers.inverseRms.rows(x.rows()), x);
        layer.gateUp().forward(gateUp, normed);
        kernels.swiGlu(inner, gateUp);
        layer.down().forwardAdding(x, inner);
    }

    @Override
    public void close() {
        buffers.close();
        weights.close();
    }
}
