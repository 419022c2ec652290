package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The trunk's forward and backward pass, from token ids to the normed hidden states at the rows that are wanted, and back. */
final class TransformerPass {
    private final ModelConfig config;
    private final Kernels kernels;
    private final Embedding embedding;
    private final @Nullable RotaryTable rotary;
    private final List<Block> blocks;
    private final Norm finalNorm;
    private final Activations activations;
    private boolean checkpointing;
    private @Nullable GenerationOrder order; // null: that of training
    private @Nullable Adapter adapter;

    private @Nullable Kept kept;
    private @Nullable ForwardRequest request;

    /** What a backward pass needs to know of the forward pass before it. */
    private record Kept(
            PackedBatch batch, OutputRows outputs, BlockPass[] passes, boolean checkpointed, boolean forBackward) {}

    TransformerPass(
            ModelConfig config,
            Kernels kernels,
            Embedding embedding,
            @Nullable RotaryTable rotary,
            List<Block> blocks,
            Norm finalNorm,
            Activations activations) {
        this.config = config;
        this.kernels = kernels;
        this.embedding = embedding;
        this.rotary = rotary;
        this.blocks = blocks;
        this.finalNorm = finalNorm;
        this.activations = activations;
    }

    void useOrder(GenerationOrder ofGeneration) {
        order = ofGeneration;
    }

    void useAdapter(@Nullable Adapter terms) {
        adapter = terms;
    }

    void useCheckpointing(boolean use) {
        checkpointing = use;
    }

    boolean isCheckpointing() {
        return checkpointing;
    }

    /** The normed hidden states at {@code outputs}, (M, C). */
    Tensor forward(PackedBatch batch, OutputRows outputs, ForwardRequest of, KeyValueSink sink) {
        request = null;
        Kept now = new Kept(
                batch,
                outputs,
                passes(batch, outputs, of.dropout(), of.keepForBackward()),
                checkpointing,
                of.keepForBackward());
        kept = now;
        beginBalance(batch, of);
        if (outputs.count() == 0) {
            return activations.lastNormed.rows(0);
        }
        Tensor x = activations.block(0).input().rows(batch.rows()); // (N, C)
        embedding.forward(x, batch.tokenIds(), batch.positions(), activations.branch);
        of.noise().ifPresent(noise -> noise.addTo(activations.block(0).input().rows(batch.rows()), batch));
        for (int layer = 0; layer < blocks.size(); layer++) {
            x = forward(now, layer, x, sink);
        }
        Tensor normed = activations.lastNormed.rows(outputs.count()); // (M, C)
        finalNorm.forward(normed, activations.lastStatistics.rows(outputs.count()), x);
        return normed;
    }

    private void beginBalance(PackedBatch batch, ForwardRequest of) {
        if (of.routerLoss() > 0) {
            balance().begin(batch.sequencesOfRows());
        } else {
            balance().off();
        }
        routers().begin(of.keepForBackward());
    }

    /** The routers' loss. */
    LoadBalancingLoss balance() {
        return activations.feedForward.balance;
    }

    /** What the routers do. */
    RouterCounts routers() {
        return activations.feedForward.routers;
    }

    private BlockPass[] passes(PackedBatch batch, OutputRows outputs, Optional<Dropout> dropout, boolean forBackward) {
        DropoutMask all = dropout.map(of -> new DropoutMask(kernels, of, batch)).orElse(null);
        if (adapter != null) {
            adapter.begin(all, forBackward);
        }
        DropoutMask mask = all != null && all.hasBlocks() ? all : null;
        BlockPass[] passes = new BlockPass[blocks.size()];
        AttentionLayout layout = batch.layout(config, 0);
        RotaryTable.Rotations rotations = rotary == null ? null : rotary.of(batch);
        for (int layer = 0; layer < passes.length; layer++) {
            if (config.window(layer) != layout.window()) {
                layout = batch.layout(config, layer);
            }
            boolean last = layer == passes.length - 1;
            passes[layer] = new BlockPass(batch, layout, rotations, layer, last ? outputs : null, mask, order);
        }
        return passes;
    }

    private Tensor forward(Kept now, int layer, Tensor x, KeyValueSink sink) {
        BlockPass pass = now.passes()[layer];
        Activations.OfBlock saved = saved(now, layer);
        Tensor middle =
                now.forBackward() || pass.selection() != null ? saved.middle().rows(pass.selected()) : x;
        blocks.get(layer).begin(pass, x, middle, saved, activations, sink);
        Tensor y = now.forBackward() ? output(now, layer) : middle;
        blocks.get(layer).finish(pass, y, middle, saved, activations);
        return y;
    }

    /** Where a block's output is kept: it is the next one's input. */
    private Tensor output(Kept now, int layer) {
        return layer + 1 < blocks.size()
                ? activations.block(layer + 1).input().rows(now.batch().rows())
                : activations.last.rows(now.outputs().count());
    }

    private Activations.OfBlock saved(Kept now, int layer) {
        return activations.block(now.forBackward() && !now.checkpointed() ? layer : 0);
    }

    void remember(ForwardRequest of) {
        request = of;
    }

    /** The request of the forward pass over {@code batch}, which must have been the last one. */
    ForwardRequest recall(PackedBatch batch) {
        ForwardRequest of = request;
        if (of == null || kept == null || kept.batch() != batch || !kept.forBackward()) {
            throw new IllegalStateException(
                    "backward must follow, once, the forward pass of the same batch with keepForBackward");
        }
        request = null;
        return of;
    }

    private Kept kept() {
        if (kept == null) {
            throw new IllegalStateException("no forward pass");
        }
        return kept;
    }

    OutputRows outputs() {
        return kept().outputs();
    }

    /** The last hidden states, normed: (M, C). */
    Tensor normed() {
        return activations.lastNormed.rows(outputs().count());
    }

    /** The gradient of {@link #normed}, zero, for the heads to add to. */
    Tensor beginBackward() {
        Tensor dNormed = activations.dLastNormed.rows(outputs().count()); // (M, C)
        kernels.zero(dNormed);
        return dNormed;
    }

    /**
     * From the gradient of the normed hidden states (M, C) to those of the weights.
     *
     * @param routerLoss factor of the routers' loss
     */
    void backward(Tensor dNormed, double routerLoss) {
        Kept now = kept();
        balance().beginBackward(routerLoss);
        int selected = now.outputs().count();
        if (selected == 0) {
            return;
        }
        // Where all rows are wanted the last gradient is also the others'.
        Tensor dX = selected == now.batch().rows() ? activations.dX.rows(selected) : activations.dLast.rows(selected);
        kernels.zero(dX);
        finalNorm.backwardAdding(
                dX, dNormed, activations.last.rows(selected), activations.lastStatistics.rows(selected));
        int lowest = lowestTrainable();
        for (int layer = blocks.size() - 1; layer >= Math.max(lowest, 0); layer--) {
            dX = backward(now, layer, dX);
        }
        if (embedding.trainable()) {
            embedding.backward(dX, now.batch().tokenIds(), now.batch().positions());
        }
    }

    /** The first layer that has anything to train, -1 for the embedding; below it no gradient is computed. */
    private int lowestTrainable() {
        if (embedding.trainable()) {
            return -1;
        }
        int layer = 0;
        while (layer < blocks.size() && !blocks.get(layer).trainable()) {
            layer++;
        }
        return layer;
    }

    private Tensor backward(Kept now, int layer, Tensor dY) {
        BlockPass pass = now.passes()[layer];
        Activations.OfBlock saved = saved(now, layer);
        Tensor x = activations.block(layer).input().rows(pass.rows()); // (N, C)
        Tensor middle = saved.middle().rows(pass.selected()); // (M, C)
        if (now.checkpointed()) {
            blocks.get(layer).begin(pass, x, middle, saved, activations, (ignored, queryKeyValue) -> {});
        }
        return blocks.get(layer).backward(pass, dY, x, middle, saved, activations);
    }
}
