package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of generation: prompts whole, then one token more for each of several sequences whose keys and values are cached.
 *
 * <p>Every row is computed independently of the other sequences', to the bit. Owns a copy of the weights in the form that this needs, taken by {@link #refresh}, and its
 * activations, until {@link #close}; nothing is allocated once the largest number of rows has been seen.
 */
public final class IncrementalDecoder implements AutoCloseable {
    /** The copy of the weights is on the heap where that takes no more than this part of it. */
    private static final int HEAP_SHARE = 4;

    private final Transformer model;
    private final Kernels kernels;
    private final List<Block> blocks;
    private final Map<Linear, PackedLinear> packed = new IdentityHashMap<>();
    private final Projection.Choice choice = this::packed;
    private final NativeMemory weights = new NativeMemory(1 << 16);
    private final Buffers buffers;
    private @Nullable Tensor turned; // (N, (H + Hkv) D), a view of the queries and keys

    /** What a layer's attention is: over a packed batch, or over the cache. */
    @FunctionalInterface
    private interface Attention {
        void attend(int layer, Tensor out, Tensor queryKeyValue);
    }

    private static final class Buffers implements AutoCloseable {
        final ActivationBuffer x; // (N, C)
        final ActivationBuffer normed; // (N, C)
        final ActivationBuffer statistics; // (N, 1 or 2)
        final ActivationBuffer rawQueryKey; // (N, (H + Hkv) D)
        final ActivationBuffer headInverseRms; // (N, H + Hkv)
        final ActivationBuffer queryKeyValue; // (N, (H + 2 Hkv) D)
        final ActivationBuffer attention; // (N, H D)
        final ActivationBuffer logSumExp; // (N, H)
        final FeedForwardBuffers feedForward;
        final FeedForwardBuffers.Saved hidden;
        final ActivationBuffer last; // (S, C)
        final ActivationBuffer logits; // (S, V)

        Buffers(ModelConfig config, Kernels kernels) {
            x = new ActivationBuffer(kernels.type(), config.hiddenSize());
            normed = new ActivationBuffer(kernels.type(), config.hiddenSize());
            statistics = new ActivationBuffer(kernels.type(), config.norm().statistics());
            rawQueryKey = new ActivationBuffer(kernels.type(), config.queryWidth() + config.keyValueWidth());
            headInverseRms = new ActivationBuffer(kernels.type(), config.heads() + config.keyValueHeads());
            queryKeyValue = new ActivationBuffer(kernels.type(), config.queryKeyValueWidth());
            attention = new ActivationBuffer(kernels.type(), config.queryWidth());
            logSumExp = new ActivationBuffer(kernels.type(), config.heads());
            feedForward = new FeedForwardBuffers(config, kernels.type());
            hidden = feedForward.layer();
            last = new ActivationBuffer(kernels.type(), config.hiddenSize());
            logits = new ActivationBuffer(kernels.type(), config.vocabSize());
        }

        @Override
        public void close() {
            List.of(
                            x,
                            normed,
                            statistics,
                            rawQueryKey,
                            headInverseRms,
                            queryKeyValue,
                            attention,
                            logSumExp,
                            last,
                            logits)
                    .forEach(ActivationBuffer::close);
            feedForward.close();
        }
    }

    /** A decoder of {@code model}, which it does not own and whose language head it needs. Call {@link #refresh} before using it. */
    public IncrementalDecoder(Transformer model) {
        this.model = model;
        this.kernels = model.kernels();
        this.buffers = new Buffers(model.config(), kernels);
        this.blocks = model.blocks();
        NativeMemory memory = fitsTheHeap() ? null : weights;
        linears(model).forEach(linear -> packed.put(linear, new PackedLinear(kernels, linear, memory)));
    }

    private IncrementalDecoder(IncrementalDecoder other, Transformer model) {
        this.model = model;
        this.kernels = model.kernels();
        this.buffers = new Buffers(model.config(), kernels);
        this.blocks = model.blocks();
        List<Linear> theirs = linears(other.model);
        List<Linear> linears = linears(model);
        for (int i = 0; i < linears.size(); i++) {
            packed.put(linears.get(i), other.packed(theirs.get(i)).on(kernels, linears.get(i)));
        }
    }

    /** A decoder for another thread, with the same copy of the weights: of {@code same}, which is this decoder's model {@link Transformer#on on other kernels}. To be closed before this one. */
    public IncrementalDecoder on(Transformer same) {
        return new IncrementalDecoder(this, same);
    }

    private static List<Linear> linears(Transformer model) {
        List<Linear> linears = new ArrayList<>();
        model.blocks().forEach(block -> linears.addAll(block.linears()));
        linears.add(model.languageHead());
        return linears;
    }

    private boolean fitsTheHeap() {
        return kernels.type() == DataType.FLOAT
                && model.size().packedBytes() <= Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    }

    private PackedLinear packed(Linear linear) {
        PackedLinear found = packed.get(linear);
        if (found == null) {
            throw new IllegalStateException("a layer that is not packed");
        }
        return found;
    }

    /** Takes the model's weights as they are now; they have changed if it has been trained. */
    public void refresh() {
        packed.values().forEach(PackedLinear::refresh);
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
        RotaryTable rotary = model.rotary();
        RotaryTable.Turns turns = rotary == null ? null : rotary.of(prompts);
        Tensor x = run(prompts.rows(), prompts.tokenIds(), prompts.positions(), turns, (layer, out, queryKeyValue) -> {
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
        RotaryTable rotary = model.rotary();
        return logits(run(
                rows,
                tokens,
                positions,
                rotary == null ? null : rotary.ofLast(positions, rows),
                (layer, out, queryKeyValue) -> kernels.decodeAttention(
                        out, queryKeyValue, cache.layer(layer), cache.layout(layer), positions, pages, rows)));
    }

    private Tensor logits(Tensor x) {
        Tensor normed = buffers.normed.rows(x.rows());
        model.finalNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        Tensor logits = buffers.logits.rows(x.rows());
        packed(model.languageHead()).forward(logits, normed);
        return logits;
    }

    /** All layers. */
    private Tensor run(
            int rows, int[] tokens, int[] positions, RotaryTable.@Nullable Turns turns, Attention attention) {
        Tensor x = buffers.x.rows(rows);
        model.input().forward(x, tokens, positions, buffers.normed);
        for (int layer = 0; layer < blocks.size(); layer++) {
            attend(x, layer, turns, attention);
            feedForward(x, blocks.get(layer));
        }
        return x;
    }

    private void attend(Tensor x, int index, RotaryTable.@Nullable Turns turns, Attention attention) {
        Block block = blocks.get(index);
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor queryKeyValue = buffers.queryKeyValue.rows(x.rows());
        Tensor attended = buffers.attention.rows(x.rows());
        block.attentionNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        packed(block.queryKeyValue()).forward(queryKeyValue, normed);
        block.turn(turned(block, queryKeyValue), turns, buffers.rawQueryKey, buffers.headInverseRms);
        attention.attend(index, attended, queryKeyValue);
        packed(block.output()).forwardAdding(x, attended);
    }

    private Tensor turned(Block block, Tensor queryKeyValue) {
        Tensor view = turned;
        if (view == null || view.rows() != queryKeyValue.rows() || view.address() != queryKeyValue.address()) {
            view = block.queriesAndKeys(queryKeyValue);
            turned = view;
        }
        return view;
    }

    private void feedForward(Tensor x, Block block) {
        Tensor normed = buffers.normed.rows(x.rows());
        block.feedForwardNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        block.feedForward().begin(normed, buffers.hidden, buffers.feedForward, choice);
        block.feedForward().finish(x, true, buffers.hidden, buffers.feedForward, choice);
    }

    @Override
    public void close() {
        buffers.close();
        weights.close();
    }
}
