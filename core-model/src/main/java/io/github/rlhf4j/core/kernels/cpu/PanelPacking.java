package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts weights into panels, a tile a panel. */
final class PanelPacking implements Parallel.TileBody {
    private static final int PANEL = Kernels.PANEL;
    /** The widest panel. */
    private static final int WIDEST = CompactPanels.PANEL;

    /** Inputs transposed at a time: both blocks stay in the first-level cache. {@link CompactPanels} take so many. */
    private static final int BLOCK = CompactPanels.GROUP;

    private final Parallel parallel;
    private final float[][] blocks; // for each thread: (width, BLOCK)
    private final float[][] panels; // for each thread: (BLOCK, width)
    private @Nullable Panels packed;
    private @Nullable Tensor weight;
    private int width; // outputs of a panel

    /** Where weights are put. */
    private interface Panels {
        /** Takes inputs {@code from .. from + inputs - 1} of a panel: (inputs, width). */
        void put(int panel, int from, float[] values, int inputs);
    }

    PanelPacking(Parallel parallel) {
        this.parallel = parallel;
        blocks = new float[parallel.threads()][WIDEST * BLOCK];
        panels = new float[parallel.threads()][BLOCK * WIDEST];
    }

    void pack(Tensor out, Tensor of) {
        pack(
                (panel, from, values, inputs) ->
                        out.floats().put(out.offset(panel) + from * PANEL, values, 0, inputs * PANEL),
                out.rows(),
                PANEL,
                of);
    }

    void pack(CompactPanels out, Tensor of) {
        pack(out::set, out.panels(), CompactPanels.PANEL, of);
    }

    private void pack(Panels out, int count, int widthOfPanel, Tensor of) {
        packed = out;
        width = widthOfPanel;
        weight = of;
        parallel.forEachTile(count, this);
    }

    @Override
    public void run(int tile, int worker) {
        pack(Objects.requireNonNull(packed), Objects.requireNonNull(weight), tile, worker);
    }

    private void pack(Panels out, Tensor of, int tile, int worker) {
        float[] block = blocks[worker];
        float[] panel = panels[worker];
        int outputs = Math.min(width, of.rows() - tile * width);
        Arrays.fill(block, outputs * BLOCK, width * BLOCK, 0);
        for (int from = 0; from < of.columns(); from += BLOCK) {
            int inputs = Math.min(BLOCK, of.columns() - from);
            for (int lane = 0; lane < outputs; lane++) {
                of.floats().get(of.offset(tile * width + lane) + from, block, lane * BLOCK, inputs);
            }
            for (int k = 0; k < inputs; k++) {
                for (int lane = 0; lane < width; lane++) {
                    panel[k * width + lane] = block[lane * BLOCK + k];
                }
            }
            out.put(tile, from, panel, inputs);
        }
    }
}
