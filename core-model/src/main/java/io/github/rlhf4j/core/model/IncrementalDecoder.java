package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
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
    private final List<Block> blocks;
    private final PackedWeights weights;
    private final boolean ownsWeights;
    private final boolean rowByRow; // attention of prompts too
    private final Buffers buffers;
    private @Nullable Tensor queriesAndKeys; // (N, (H + Hkv) D), a view of the queries and keys

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
        final ActivationBuffer lastQueryKeyValue; // (S, (H + 2 Hkv) D)
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
            lastQueryKeyValue = new ActivationBuffer(kernels.type(), config.queryKeyValueWidth());
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
                            lastQueryKeyValue,
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
        GenerationOrder order = model.generationOrder();
        this.weights = order == null ? new PackedWeights(model, model.generationWeights()) : order.weights();
        this.ownsWeights = order == null;
        this.rowByRow = order != null;
    }

    private IncrementalDecoder(IncrementalDecoder other, Transformer model) {
        this.model = model;
        this.kernels = model.kernels();
        this.buffers = new Buffers(model.config(), kernels);
        this.blocks = model.blocks();
        this.weights = other.weights.on(model);
        this.ownsWeights = true;
        this.rowByRow = other.rowByRow;
    }

    /** A decoder for another thread, with the same copy of the weights: of {@code same}, which is this decoder's model {@link Transformer#on on other kernels}. To be closed before this one. */
    public IncrementalDecoder on(Transformer same) {
        return new IncrementalDecoder(this, same);
    }

    /** Whether the model's forward passes compute what this decoder does, to the bit. */
    public boolean isAsTrained() {
        return rowByRow;
    }

    /** Takes the model's weights as they are now; they have changed if it has been trained. */
    public void refresh() {
        weights.refresh();
    }

    /**
     * Computes whole prompts in one packed pass, stores their keys and values and returns the logits after their last tokens. After the last layer's keys and values only last tokens are computed.
     *
     * @param prompts of one segment each
     * @param pages pages of each prompt
     * @return (prompts, V), before any temperature, to be overwritten as one likes; valid until the next call
     */
    public Tensor prefill(KeyValueCache cache, PackedBatch prompts, int[][] pages) {
        Tensor x = buffers.x.rows(prompts.rows());
        Tensor queryKeyValue = toTheLastLayer(x, cache, prompts, pages);
        return logits(lastTokens(cache, x, queryKeyValue, prompts, pages));
    }

    /** All layers but the last into {@code x}; of that one the queries, keys and values, which are stored. */
    private Tensor toTheLastLayer(Tensor x, KeyValueCache cache, PackedBatch prompts, int[][] pages) {
        RotaryTable rotary = model.rotary();
        RotaryTable.Rotations rotations = rotary == null ? null : rotary.of(prompts);
        model.input().forward(x, prompts.tokenIds(), prompts.positions(), buffers.normed);
        int last = blocks.size() - 1;
        for (int layer = 0; layer < last; layer++) {
            Tensor queryKeyValue = queryKeyValue(x, blocks.get(layer), rotations);
            store(cache, layer, queryKeyValue, prompts, pages);
            Tensor attended = buffers.attention.rows(x.rows());
            if (rowByRow) {
                attend(attended, cache, layer, queryKeyValue, prompts, pages);
            } else {
                AttentionLayout layout = prompts.layout(model.config(), layer);
                kernels.attention(attended, buffers.logSumExp.rows(x.rows()), queryKeyValue, layout);
            }
            finish(x, blocks.get(layer), attended);
        }
        Tensor queryKeyValue = queryKeyValue(x, blocks.get(last), rotations);
        store(cache, last, queryKeyValue, prompts, pages);
        return queryKeyValue;
    }

    private static void store(
            KeyValueCache cache, int layer, Tensor queryKeyValue, PackedBatch prompts, int[][] pages) {
        for (int i = 0; i < pages.length; i++) {
            cache.store(layer, queryKeyValue, prompts.segmentStart()[i], prompts.segmentLength()[i], pages[i]);
        }
    }

    /** Attention of all rows of the prompts, whose keys and values are stored. */
    private void attend(
            Tensor attended, KeyValueCache cache, int layer, Tensor queryKeyValue, PackedBatch prompts, int[][] pages) {
        int[][] ofRows = new int[prompts.rows()][];
        for (int i = 0; i < pages.length; i++) {
            int start = prompts.segmentStart()[i];
            Arrays.fill(ofRows, start, start + prompts.segmentLength()[i], pages[i]);
        }
        kernels.decodeAttention(
                attended,
                queryKeyValue,
                cache.layer(layer),
                cache.layout(layer),
                prompts.positions(),
                ofRows,
                prompts.rows());
    }

    /** The rest of the last layer for each prompt's last token. */
    private Tensor lastTokens(KeyValueCache cache, Tensor x, Tensor queryKeyValue, PackedBatch prompts, int[][] pages) {
        int[] positions = new int[pages.length];
        Arrays.setAll(positions, i -> prompts.segmentLength()[i] - 1);
        int[] rows = new int[pages.length];
        Arrays.setAll(rows, i -> prompts.segmentStart()[i] + positions[i]);
        return lastLayer(cache, x, queryKeyValue, rows, positions, pages);
    }

    /** The rest of the last layer for some rows alone. */
    private Tensor lastLayer(
            KeyValueCache cache, Tensor x, Tensor queryKeyValue, int[] rows, int[] positions, int[][] pages) {
        Tensor last = gathered(buffers.last, x, rows);
        Tensor lastQueryKeyValue = gathered(buffers.lastQueryKeyValue, queryKeyValue, rows);
        decode(cache, last, blocks.size() - 1, lastQueryKeyValue, positions, pages);
        return last;
    }

    private Tensor gathered(ActivationBuffer buffer, Tensor from, int[] rows) {
        Tensor gathered = buffer.rows(rows.length);
        kernels.gatherRows(gathered, from, rows, 0, rows.length);
        return gathered;
    }

    /**
     * Feeds one token of each sequence and returns the logits after it.
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
        RotaryTable.Rotations rotations = rotary == null ? null : rotary.ofLast(positions, rows);
        Tensor x = buffers.x.rows(rows);
        model.input().forward(x, tokens, positions, buffers.normed);
        for (int layer = 0; layer < blocks.size(); layer++) {
            decode(cache, x, layer, queryKeyValue(x, blocks.get(layer), rotations), positions, pages);
        }
        return logits(x);
    }

    /** Whether what is cached of a prefix does not depend on what follows it; with dynamic rotary scaling it does. */
    public boolean isCausal() {
        RotaryTable rotary = model.rotary();
        return rotary == null || !rotary.isDynamic();
    }

    /**
     * Feeds tokens of several sequences, one or many of each, and returns the logits after those that are wanted. Every row is computed by itself, to the bit: it does not matter how a sequence's tokens are divided into calls.
     *
     * @param cache receives the tokens' keys and values
     * @return (wanted, V), before any temperature, to be overwritten as one likes; valid until the next call; anything where none is wanted
     */
    public Tensor feed(KeyValueCache cache, FedTokens fed) {
        int rows = fed.rows();
        RotaryTable rotary = model.rotary();
        RotaryTable.Rotations rotations = rotary == null ? null : rotary.of(fed.positions(), fed.lengths(), rows);
        Tensor x = buffers.x.rows(rows);
        model.input().forward(x, fed.tokens(), fed.positions(), buffers.normed);
        int last = blocks.size() - 1;
        for (int layer = 0; layer < last; layer++) {
            Tensor queryKeyValue = queryKeyValue(x, blocks.get(layer), rotations);
            fed.store(cache, layer, queryKeyValue);
            decode(cache, x, layer, queryKeyValue, fed.positions(), fed.pages());
        }
        Tensor queryKeyValue = queryKeyValue(x, blocks.get(last), rotations);
        fed.store(cache, last, queryKeyValue);
        int[] wanted = fed.wanted();
        boolean needsAllRows = fed.isRead() || wanted.length == rows;
        if (needsAllRows) {
            decode(cache, x, last, queryKeyValue, fed.positions(), fed.pages());
            fed.read((from, to) -> logits(x.rows(from, to)));
        }
        if (wanted.length == 0) {
            return x;
        }
        if (!needsAllRows) {
            return logits(lastLayer(cache, x, queryKeyValue, wanted, fed.positionsOfWanted(), fed.pagesOfWanted()));
        }
        return logits(wanted.length == rows ? x : gathered(buffers.last, x, wanted));
    }

    /** A layer from its attention on, with rows of different sequences. */
    private void decode(
            KeyValueCache cache, Tensor x, int layer, Tensor queryKeyValue, int[] positions, int[][] pages) {
        int rows = x.rows();
        Tensor attended = buffers.attention.rows(rows);
        kernels.decodeAttention(
                attended, queryKeyValue, cache.layer(layer), cache.layout(layer), positions, pages, rows);
        finish(x, blocks.get(layer), attended);
    }

    private Tensor logits(Tensor x) {
        Tensor normed = buffers.normed.rows(x.rows());
        model.finalNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        Tensor logits = buffers.logits.rows(x.rows());
        weights.of(model.languageHead()).forward(logits, normed);
        return logits;
    }

    private Tensor queryKeyValue(Tensor x, Block block, RotaryTable.@Nullable Rotations rotations) {
        Tensor normed = buffers.normed.rows(x.rows());
        Tensor queryKeyValue = buffers.queryKeyValue.rows(x.rows());
        block.attentionNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        weights.of(block.queryKeyValue()).forward(queryKeyValue, normed);
        block.normAndRotate(
                queriesAndKeys(block, queryKeyValue), rotations, buffers.rawQueryKey, buffers.headInverseRms);
        return queryKeyValue;
    }

    private Tensor queriesAndKeys(Block block, Tensor queryKeyValue) {
        Tensor view = queriesAndKeys;
        if (view == null || view.rows() != queryKeyValue.rows() || view.address() != queryKeyValue.address()) {
            view = block.queriesAndKeys(queryKeyValue);
            queriesAndKeys = view;
        }
        return view;
    }

    /** A layer after its attention. */
    private void finish(Tensor x, Block block, Tensor attended) {
        weights.of(block.output()).forwardAdding(x, attended);
        Tensor normed = buffers.normed.rows(x.rows());
        block.feedForwardNorm().forward(normed, buffers.statistics.rows(x.rows()), x);
        block.feedForward().begin(normed, buffers.hidden, buffers.feedForward, weights);
        block.feedForward().finish(x, true, buffers.hidden, buffers.feedForward, weights);
    }

    @Override
    public void close() {
        buffers.close();
        if (ownsWeights) {
            weights.close();
        }
    }
}
