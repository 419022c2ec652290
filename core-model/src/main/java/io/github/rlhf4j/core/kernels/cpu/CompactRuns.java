package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.WeightType;

/** Inputs of {@link CompactPanels}, where a thread is at work: read where they lie on the heap, staged from native memory. */
final class CompactRuns {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int STEP = CompactPanels.STEP;
    private static final float[] ZEROS = new float[PANEL];

    private float[] expanded = {}; // (inputs, PANEL)
    private float[] partial = {};
    private int[] words = {};
    private int[] ownWords = {};
    private boolean bytes;
    private int start; // of the inputs' words

    /** Panels {@code panel} and {@code panel + 1}, inputs {@code from .. from + inputs - 1}, of INT8 whole groups and the rest. */
    void take(CompactPanels of, int panel, int from, int inputs) {
        bytes = of.type() == WeightType.INT8;
        int first = of.offset(panel, from);
        if (of.words().hasArray()) {
            words = of.words().array();
            start = first;
            return;
        }
        int count = CompactPanels.words(of.type(), inputs);
        if (ownWords.length < count + CompactPanels.BEYOND) {
            ownWords = new int[count + CompactPanels.BEYOND];
        }
        of.words().get(first, ownWords, 0, count);
        words = ownWords;
        start = 0;
    }

    /** A row's sums with some pairs of panels. */
    void multiply(CompactPanels of, int panel, int pairs, float[] x, int at, float[] sums, int to) {
        int inputs = of.inputs();
        if (of.words().hasArray()) {
            take(of, panel, 0, inputs);
            multiply(pairs, x, at, inputs, sums, to);
            return;
        }
        for (int pair = 0; pair < pairs; pair++) {
            take(of, panel + 2 * pair, 0, inputs);
            multiply(1, x, at, inputs, sums, to + 2 * PANEL * pair);
        }
    }

    private void multiply(int pairs, float[] x, int at, int inputs, float[] sums, int to) {
        for (int lane = 0; lane < STEP; lane += LANES) {
            int from = start + lane;
            if (bytes) {
                CompactLoops.bytes(x, at, words, from, pairs, inputs, sums, to + lane);
            } else {
                CompactLoops.halves(x, at, words, from, CompactPanels.STRIDE, pairs, inputs, sums, to + lane);
            }
        }
    }

    /** One of the panels as floats, of INT8 without the scales. */
    float[] expanded(int panel, int inputs) {
        expanded = LaneScratch.fit(expanded, (inputs + 1) * PANEL);
        int from = start + panel * STEP;
        if (bytes) {
            CompactLoops.expandBytes(expanded, words, from, (inputs + 1) / 2);
        } else {
            CompactLoops.expandHalves(expanded, words, from, inputs);
        }
        return expanded;
    }

    /** Room for sums without their scales. */
    float[] partial(int size) {
        partial = LaneScratch.fit(partial, size);
        return partial;
    }

    /** Adds some rows' sums times the scales of one of the panels; the inputs are a group. */
    void addScaled(int panel, float[] of, int rows, int inputs, boolean fresh, float[] sums, int to) {
        float[] before = fresh ? ZEROS : sums;
        int scale = start + CompactPanels.wordsOfBytes(inputs) + panel * STEP;
        CompactLoops.addScaled(of, rows, words, scale, before, fresh ? 0 : to, fresh ? 0 : PanelLoops.SUMS, sums, to);
    }
}
