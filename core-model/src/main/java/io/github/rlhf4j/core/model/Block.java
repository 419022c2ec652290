package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * One layer of Llama's form:
 *
 * <pre>
 *   m = x + output(attention(rotate(queryKeyValue(norm(x)))))
 *   y = m + down(swiGlu(gateUp(norm(m))))
 * </pre>
 *
 * <p>The norms' and SwiGLU's outputs are computed again in the backward pass.
 */
public final class Block {
    private final Kernels kernels;
    private final ModelConfig config;
    private final RmsNorm attentionNorm;
    private final Linear queryKeyValue;
    private final Linear output;
    private final RmsNorm mlpNorm;
    private final Linear gateUp;
    private final Linear down;

    Block(ModelConfig config, ParameterStore store, Kernels kernels, int layer) {
        this.kernels = kernels;
        this.config = config;
        attentionNorm = new RmsNorm(
                kernels, store.matrix(layer + ".attention_norm"), config.norm().epsilon());
        queryKeyValue = Linear.of(kernels, store, layer + ".query_key_value");
        output = Linear.of(kernels, store, layer + ".output");
        mlpNorm = new RmsNorm(
                kernels, store.matrix(layer + ".mlp_norm"), config.norm().epsilon());
        gateUp = Linear.of(kernels, store, layer + ".gate_up");
        down = Linear.of(kernels, store, layer + ".down");
    }

    /** The norm in front of attention. */
    public RmsNorm attentionNorm() {
        return attentionNorm;
    }

    /** Query, key and value in one product: C -> (H + 2 Hkv) D, not rotated. */
    public Linear queryKeyValue() {
        return queryKeyValue;
    }

    /** Attention's output projection: H D -> C. */
    public Linear output() {
        return output;
    }

    /** The norm in front of the feed-forward part. */
    public RmsNorm mlpNorm() {
        return mlpNorm;
    }

    /** Gate and up in one product: C -> 2 F. */
    public Linear gateUp() {
        return gateUp;
    }

    /** F -> C. */
    public Linear down() {
        return down;
    }

    /**
     * The first half and the feed-forward part's first product: everything that the backward pass needs.
     *
     * @param x (N, C)
     * @param middle (M, C), receives m; may be {@code x} itself where M = N
     */
    void forwardToGateUp(
            BlockPass pass,
            Tensor x,
            Tensor middle,
            Activations.OfBlock saved,
            Activations scratch,
            KeyValueSink sink) {
        int rows = pass.rows();
        Tensor normed = scratch.normed.rows(rows); // (N, C)
        Tensor qkv = saved.queryKeyValue().rows(rows); // (N, (H + 2 Hkv) D)
        Tensor attention = saved.attention().rows(rows); // (N, H D)
        attentionNorm.forward(normed, saved.attentionInverseRms().rows(rows), x);
        queryKeyValue.forward(qkv, normed);
        rotate(qkv, pass, false);
        sink.accept(pass.layer(), qkv);
        kernels.attention(attention, saved.logSumExp().rows(rows), qkv, pass.layout());
        int[] selection = pass.selection();
        if (selection != null) {
            kernels.gatherRows(middle, x, selection, 0, selection.length);
        } else if (middle != x) {
            kernels.copy(middle, x);
        }
        addBranch(
                pass, output, middle, selectedAttention(pass, attention, scratch), DropoutMask.Site.ATTENTION, scratch);
        Tensor middleNormed = scratch.normed.rows(pass.selected()); // (M, C)
        mlpNorm.forward(middleNormed, saved.mlpInverseRms().rows(pass.selected()), middle);
        gateUp.forward(saved.gateUp().rows(pass.selected()), middleNormed);
    }

    /**
     * The rest.
     *
     * @param y (M, C), receives the block's output; may be {@code middle} itself
     */
    void forwardFromGateUp(BlockPass pass, Tensor y, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        Tensor inner = scratch.inner.rows(pass.selected()); // (M, F)
        kernels.swiGlu(inner, saved.gateUp().rows(pass.selected()));
        if (y != middle) {
            kernels.copy(y, middle);
        }
        addBranch(pass, down, y, inner, DropoutMask.Site.MLP, scratch);
    }

    private void addBranch(
            BlockPass pass, Linear linear, Tensor sum, Tensor in, DropoutMask.Site site, Activations scratch) {
        if (!pass.hasDropout()) {
            linear.forwardAdding(sum, in);
            return;
        }
        Tensor branch = scratch.branch.rows(sum.rows()); // (M, C)
        linear.forward(branch, in);
        pass.dropInPlace(branch, site);
        kernels.addScaled(sum, branch, 1);
    }

    /** Attention's output at the M rows that go on. */
    private Tensor selectedAttention(BlockPass pass, Tensor attention, Activations scratch) {
        int[] selection = pass.selection();
        if (selection == null) {
            return attention;
        }
        Tensor selected = scratch.selected.rows(selection.length); // (M, H D)
        kernels.gatherRows(selected, attention, selection, 0, selection.length);
        return selected;
    }

    private void rotate(Tensor qkv, BlockPass pass, boolean inverse) {
        Tensor queriesAndKeys = qkv.columns(0, config.queryWidth() + config.keyValueWidth());
        RotaryTable.Turns turns = pass.turns();
        kernels.rotate(queriesAndKeys, turns.index(), turns.cosines(), turns.sines(), config.headDim(), inverse);
    }

    /**
     * Adds the gradients of the block's weights.
     *
     * @param dY (M, C), gradient of the output on entry; overwritten
     * @return (N, C), gradient of the input; {@code dY} itself where M = N
     */
    Tensor backward(
            BlockPass pass, Tensor dY, Tensor x, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        backwardMlp(pass, dY, middle, saved, scratch);
        return backwardAttention(pass, dY, x, saved, scratch);
    }

    /** {@code dY} (M, C): gradient of y on entry, of m on return. */
    private void backwardMlp(BlockPass pass, Tensor dY, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        int rows = pass.selected();
        Tensor gateUps = saved.gateUp().rows(rows); // (M, 2 F)
        Tensor inner = scratch.inner.rows(rows); // (M, F), then its gradient
        Tensor dBranch = branchGradient(pass, dY, DropoutMask.Site.MLP, scratch); // (M, C)
        if (down.trainable()) {
            kernels.swiGlu(inner, gateUps);
            down.backwardWeight(dBranch, inner);
        }
        down.backwardInput(inner, dBranch);
        Tensor dGateUp = scratch.dGateUp.rows(rows); // (M, 2 F)
        kernels.swiGluBackward(dGateUp, inner, gateUps);
        Tensor inverseRms = saved.mlpInverseRms().rows(rows);
        if (gateUp.trainable()) {
            Tensor normed = scratch.normed.rows(rows); // (M, C)
            mlpNorm.forward(normed, inverseRms, middle);
            gateUp.backwardWeight(dGateUp, normed);
        }
        Tensor dNormed = scratch.dNormed.rows(rows); // (M, C)
        gateUp.backwardInput(dNormed, dGateUp);
        mlpNorm.backwardAdding(dY, dNormed, middle, inverseRms);
    }

    /** {@code dMiddle} (M, C): gradient of m. */
    private Tensor backwardAttention(
            BlockPass pass, Tensor dMiddle, Tensor x, Activations.OfBlock saved, Activations scratch) {
        int rows = pass.rows();
        int[] selection = pass.selection();
        Tensor attention = saved.attention().rows(rows); // (N, H D)
        Tensor dBranch = branchGradient(pass, dMiddle, DropoutMask.Site.ATTENTION, scratch); // (M, C)
        if (output.trainable()) {
            output.backwardWeight(dBranch, selectedAttention(pass, attention, scratch));
        }
        Tensor dAttention = scratch.dAttention.rows(rows); // (N, H D)
        Tensor dX = dMiddle;
        if (selection == null) {
            output.backwardInput(dAttention, dBranch);
        } else {
            Tensor dSelected = scratch.selected.rows(selection.length); // (M, H D)
            output.backwardInput(dSelected, dBranch);
            kernels.zero(dAttention);
            kernels.scatterAddRows(dAttention, selection, 0, selection.length, dSelected);
            dX = scratch.dX.rows(rows); // (N, C)
            kernels.zero(dX);
            kernels.scatterAddRows(dX, selection, 0, selection.length, dMiddle);
        }
        Tensor qkv = saved.queryKeyValue().rows(rows);
        Tensor dQkv = scratch.dQueryKeyValue.rows(rows); // (N, (H + 2 Hkv) D)
        kernels.attentionBackward(dQkv, dAttention, attention, saved.logSumExp().rows(rows), qkv, pass.layout());
        rotate(dQkv, pass, true);
        Tensor inverseRms = saved.attentionInverseRms().rows(rows);
        if (queryKeyValue.trainable()) {
            Tensor normed = scratch.normed.rows(rows); // (N, C)
            attentionNorm.forward(normed, inverseRms, x);
            queryKeyValue.backwardWeight(dQkv, normed);
        }
        Tensor dNormed = scratch.dNormed.rows(rows); // (N, C)
        queryKeyValue.backwardInput(dNormed, dQkv);
        attentionNorm.backwardAdding(dX, dNormed, x, inverseRms);
        return dX;
    }

    /** The gradient of a branch: that of the sum it was added to, behind the same dropout. */
    private Tensor branchGradient(BlockPass pass, Tensor dSum, DropoutMask.Site site, Activations scratch) {
        if (!pass.hasDropout()) {
            return dSum;
        }
        Tensor dBranch = scratch.branch.rows(dSum.rows()); // (M, C)
        kernels.copy(dBranch, dSum);
        pass.dropInPlace(dBranch, site);
        return dBranch;
    }

    boolean trainable() {
        return attentionNorm.trainable()
                || queryKeyValue.trainable()
                || output.trainable()
                || mlpNorm.trainable()
                || gateUp.trainable()
                || down.trainable();
    }
}
