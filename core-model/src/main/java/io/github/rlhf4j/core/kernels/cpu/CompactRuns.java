package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.WeightType;

/** Some inputs of one to four {@link CompactPanels}, where a thread is at work: read where they lie on the heap, staged from native memory. */
final class CompactRuns {
    private static final int LANES = VectorMath.LANES;
    private static final int PANEL = Kernels.PANEL;
    private static final int STEP = CompactPanels.STEP;
    private static final float[] ZEROS = new float[PANEL];

    private float[] expanded = {}; // (inputs, PANEL)
    private float[] partial = {};
    private int[] words = {};
    private int[] ownWords = {};
    private float[] scales = {};
    private float[] ownScales = {};
    private boolean bytes;
    private int panels;
    private int start; // of the words of the first panel's inputs
    private int stride; // from panel to panel
    private int scaleStart;
    private int scaleStride;

    /** Panels {@code panel .. panel + count - 1}, inputs {@code from .. from + inputs - 1}, of INT8 a whole group or its rest. */
    void take(CompactPanels of, int panel, int count, int from, int inputs) {
        bytes = of.type() == WeightType.INT8;
        panels = count;
        int first = panel * of.wordsOfPanel() + (bytes ? from / 2 : from) * STEP;
        if (of.words().hasArray()) {
            words = of.words().array();
            start = first;
            stride = of.wordsOfPanel();
        } else {
            stride = (bytes ? (inputs + 1) / 2 : inputs) * STEP;
            if (ownWords.length < count * stride) {
                ownWords = new int[count * stride];
            }
            for (int i = 0; i < count; i++) {
                of.words().get(first + i * of.wordsOfPanel(), ownWords, i * stride, stride);
            }
            words = ownWords;
            start = 0;
        }
        if (bytes) {
            takeScales(of, panel * of.scalesOfPanel() + from / CompactPanels.GROUP * PANEL);
        }
    }

    private void takeScales(CompactPanels of, int first) {
        if (of.scales().hasArray()) {
            scales = of.scales().array();
            scaleStart = first;
            scaleStride = of.scalesOfPanel();
            return;
        }
        ownScales = LaneScratch.fit(ownScales, panels * PANEL);
        for (int i = 0; i < panels; i++) {
            of.scales().get(first + i * of.scalesOfPanel(), ownScales, i * PANEL, PANEL);
        }
        scales = ownScales;
        scaleStart = 0;
        scaleStride = PANEL;
    }

    /** Adds a row's products with all panels; what is beyond them, up to a fourth, is overwritten. */
    void add(float[] x, int at, int inputs, boolean fresh, float[] sums, int to) {
        float[] before = fresh ? ZEROS : sums;
        int distance = fresh ? 0 : PANEL;
        for (int lane = 0; lane < STEP; lane += LANES) {
            int from = start + lane;
            int begin = fresh ? 0 : to + lane;
            if (!bytes) {
                CompactLoops.halves(
                        x, at, words, from, panels, stride, inputs, before, begin, distance, sums, to + lane);
                continue;
            }
            for (int i = 0; i < panels; i += 2) {
                boolean two = i + 1 < panels;
                CompactLoops.bytes(
                        x,
                        at,
                        words,
                        from + i * stride,
                        two ? stride : 0,
                        (inputs + 1) / 2,
                        scales,
                        scaleStart + i * scaleStride + lane,
                        two ? scaleStride : 0,
                        before,
                        begin + i * distance,
                        distance,
                        sums,
                        to + lane + i * PANEL);
            }
        }
    }

    /** The one panel as floats, of INT8 without the scales. */
    float[] expanded(int inputs) {
        expanded = LaneScratch.fit(expanded, (inputs + 1) * PANEL);
        if (bytes) {
            CompactLoops.expandBytes(expanded, words, start, (inputs + 1) / 2);
        } else {
            CompactLoops.expandHalves(expanded, words, start, inputs);
        }
        return expanded;
    }

    /** Room for sums without their scales. */
    float[] partial(int size) {
        partial = LaneScratch.fit(partial, size);
        return partial;
    }

    /** Adds a row's sums times the scales of the one panel. */
    void addScaled(float[] of, int part, boolean fresh, float[] sums, int to) {
        CompactLoops.addScaled(of, part, scales, scaleStart, fresh ? ZEROS : sums, fresh ? 0 : to, sums, to);
    }
}
