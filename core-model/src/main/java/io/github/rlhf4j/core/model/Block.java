package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One layer, with both norms in front of what they serve:
 *
 * <pre>
 *   m = x + output(attention(rotated(queryKeyValue(norm(x)))))
 *   y = m + feedForward(norm(m))
 * </pre>
 *
 * <p>"Turned": queries and keys normed by head and rotated, where the model does so. The outputs of the norms and of activations are computed again in the backward pass.
 */
final class Block {
    private final Kernels kernels;
    private final ModelConfig config;
    private final Norm attentionNorm;
    private final QueryKeyValue queryKeyValue; // C -> (H + 2 Hkv) D
    private final @Nullable HeadNorms headNorms;
    private final Linear output; // H D -> C
    private final Norm feedForwardNorm;
    private final FeedForward feedForward;

    Block(ModelConfig config, LayerParameters parameters, Kernels kernels, int layer) {
        this.kernels = kernels;
        this.config = config;
        attentionNorm = Norm.of(config, parameters, kernels, layer + ParameterLayout.ATTENTION_NORM);
        Linear projection = Linear.of(kernels, parameters, layer + ParameterLayout.QUERY_KEY_VALUE);
        queryKeyValue = new QueryKeyValue(kernels, projection, config);
        headNorms = config.attention().headNorms() ? new HeadNorms(config, parameters, kernels, layer) : null;
        output = Linear.of(kernels, parameters, layer + ParameterLayout.OUTPUT);
        feedForwardNorm = Norm.of(config, parameters, kernels, layer + ParameterLayout.FEED_FORWARD_NORM);
        feedForward = FeedForward.of(config, parameters, kernels, layer);
    }

    Norm attentionNorm() {
        return attentionNorm;
    }

    /** Query, key and value in one product, neither normed nor rotated. */
    Linear queryKeyValue() {
        return queryKeyValue.whole();
    }

    Linear output() {
        return output;
    }

    Norm feedForwardNorm() {
        return feedForwardNorm;
    }

    FeedForward feedForward() {
        return feedForward;
    }

    /** All products. */
    List<Linear> linears() {
        List<Linear> all = new ArrayList<>(feedForward.linears());
        all.add(queryKeyValue.whole());
        all.add(output);
        return all;
    }

    /**
     * Norms and rotates queries and keys in place.
     *
     * @param queriesAndKeys (N, (H + Hkv) D)
     * @param raw receives what the norms' backward pass needs, as {@code inverseRms} does
     */
    void normAndRotate(
            Tensor queriesAndKeys,
            RotaryTable.@Nullable Rotations rotations,
            ActivationBuffer raw,
            ActivationBuffer inverseRms) {
        int rows = queriesAndKeys.rows();
        if (headNorms != null) {
            headNorms.forward(queriesAndKeys, raw.rows(rows), inverseRms.rows(rows));
        }
        rotate(queriesAndKeys, rotations, false);
    }

    private void rotateBackward(
            Tensor dQueriesAndKeys, BlockPass pass, Activations.OfBlock saved, Activations scratch) {
        int rows = dQueriesAndKeys.rows();
        rotate(dQueriesAndKeys, pass.rotations(), true);
        if (headNorms != null) {
            headNorms.backward(
                    dQueriesAndKeys,
                    saved.rawQueryKey().rows(rows),
                    saved.headInverseRms().rows(rows),
                    scratch.dQueryKey.rows(rows));
        }
    }

    private void rotate(Tensor queriesAndKeys, RotaryTable.@Nullable Rotations rotations, boolean inverse) {
        if (rotations != null) {
            kernels.rotate(
                    queriesAndKeys,
                    rotations.index(),
                    rotations.cosines(),
                    rotations.sines(),
                    config.headDim(),
                    inverse);
        }
    }

    /** The part of query, key and value that is rotated. */
    Tensor queriesAndKeys(Tensor queryKeyValues) {
        return queryKeyValues.columns(0, config.queryWidth() + config.keyValueWidth());
    }

    /**
     * The first half and the feed-forward part's beginning: everything that the backward pass needs.
     *
     * @param x (N, C)
     * @param middle (M, C), receives m; may be {@code x} itself where M = N
     */
    void begin(
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
        attentionNorm.forward(normed, saved.attentionStatistics().rows(rows), x);
        queryKeyValue.forward(pass, qkv, normed, scratch);
        normAndRotate(queriesAndKeys(qkv), pass.rotations(), saved.rawQueryKey(), saved.headInverseRms());
        sink.accept(pass.layer(), qkv);
        kernels.attention(attention, saved.logSumExp().rows(rows), qkv, pass.layout());
        GenerationOrder order = pass.order();
        if (order != null) { // the same again but for rounding, whereas the backward pass takes its sums from above
            order.attend(attention, qkv, pass.layout());
        }
        sink.attended(pass.layer(), attention);
        int[] selection = pass.selection();
        if (selection != null) {
            kernels.gatherRows(middle, x, selection, 0, selection.length);
        } else if (middle != x) {
            kernels.copy(middle, x);
        }
        Tensor attended = selectedAttention(pass, attention, scratch); // (M, H D)
        output.rowsAre(pass.selection());
        if (pass.hasDropout()) {
            Tensor branch = scratch.branch.rows(pass.selected()); // (M, C)
            pass.projections().of(output).forward(branch, attended);
            addDropped(pass, middle, branch, DropoutMask.Site.ATTENTION);
        } else {
            pass.projections().of(output).forwardAdding(middle, attended);
        }
        Tensor middleNormed = scratch.normed.rows(pass.selected()); // (M, C)
        feedForwardNorm.forward(middleNormed, saved.feedForwardStatistics().rows(pass.selected()), middle);
        feedForward.rowsAre(pass.selection());
        feedForward.begin(middleNormed, saved.feedForward(), scratch.feedForward, pass.projections());
    }

    /**
     * The rest.
     *
     * @param y (M, C), receives the block's output; may be {@code middle} itself
     */
    void finish(BlockPass pass, Tensor y, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        if (y != middle) {
            kernels.copy(y, middle);
        }
        boolean add = !pass.hasDropout();
        Tensor out = add ? y : scratch.branch.rows(pass.selected()); // (M, C)
        feedForward.rowsAre(pass.selection());
        feedForward.finish(out, add, saved.feedForward(), scratch.feedForward, pass.projections());
        if (!add) {
            addDropped(pass, y, out, DropoutMask.Site.MLP);
        }
    }

    private void addDropped(BlockPass pass, Tensor sum, Tensor branch, DropoutMask.Site site) {
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

    /**
     * Adds the gradients of the block's weights.
     *
     * @param dY (M, C), gradient of the output on entry; overwritten
     * @return (N, C), gradient of the input; {@code dY} itself where M = N
     */
    Tensor backward(
            BlockPass pass, Tensor dY, Tensor x, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        backwardFeedForward(pass, dY, middle, saved, scratch);
        return backwardAttention(pass, dY, x, saved, scratch);
    }

    /** {@code dY} (M, C): gradient of y on entry, of m on return. */
    private void backwardFeedForward(
            BlockPass pass, Tensor dY, Tensor middle, Activations.OfBlock saved, Activations scratch) {
        int rows = pass.selected();
        Tensor statistics = saved.feedForwardStatistics().rows(rows);
        Tensor normed = scratch.normed.rows(rows); // (M, C)
        if (feedForward.trainable()) {
            feedForwardNorm.forward(normed, statistics, middle);
        }
        Tensor dBranch = branchGradient(pass, dY, DropoutMask.Site.MLP, scratch); // (M, C)
        Tensor dNormed = scratch.dNormed.rows(rows); // (M, C)
        feedForward.rowsAre(pass.selection());
        feedForward.backward(dNormed, dBranch, normed, saved.feedForward(), scratch.feedForward);
        feedForwardNorm.backwardAdding(dY, dNormed, middle, statistics);
    }

    /** {@code dMiddle} (M, C): gradient of m. */
    private Tensor backwardAttention(
            BlockPass pass, Tensor dMiddle, Tensor x, Activations.OfBlock saved, Activations scratch) {
        int rows = pass.rows();
        int[] selection = pass.selection();
        Tensor attention = saved.attention().rows(rows); // (N, H D)
        Tensor dBranch = branchGradient(pass, dMiddle, DropoutMask.Site.ATTENTION, scratch); // (M, C)
        output.rowsAre(selection);
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
        rotateBackward(queriesAndKeys(dQkv), pass, saved, scratch);
        Tensor statistics = saved.attentionStatistics().rows(rows);
        Tensor normed = scratch.normed.rows(rows); // (N, C)
        if (queryKeyValue.trainable()) {
            attentionNorm.forward(normed, statistics, x);
        }
        Tensor dNormed = scratch.dNormed.rows(rows); // (N, C)
        queryKeyValue.backward(pass, dNormed, dQkv, normed, scratch);
        attentionNorm.backwardAdding(dX, dNormed, x, statistics);
        return dX;
    }

    /** The gradient of a branch: that of the sum it was added to, after the same dropout. */
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
                || (headNorms != null && headNorms.trainable())
                || output.trainable()
                || feedForwardNorm.trainable()
                || feedForward.trainable();
    }
}
