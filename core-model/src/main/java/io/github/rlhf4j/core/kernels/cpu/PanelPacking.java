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
    /** Inputs transposed at a time: both blocks stay in the first-level cache. {@link CompactPanels} take so many. */
    private static final int BLOCK = CompactPanels.GROUP;

    private final Parallel parallel;
    private final float[][] blocks; // for each thread: (PANEL, BLOCK)
    private final float[][] panels; // for each thread: (BLOCK, PANEL)
    private @Nullable Panels packed;
    private @Nullable Tensor weight;

    /** Where weights are put. */
    private interface Panels {
        /** Takes inputs {@code from .. from + inputs - 1} of a panel: (inputs, PANEL). */
        void put(int panel, int from, float[] values, int inputs);
    }

    PanelPacking(Parallel parallel) {
        this.parallel = parallel;
        blocks = new float[parallel.threads()][PANEL * BLOCK];
        panels = new float[parallel.threads()][BLOCK * PANEL];
    }

    void pack(Tensor out, Tensor of) {
        pack(
                (panel, from, values, inputs) ->
                        out.floats().put(out.offset(panel) + from * PANEL, values, 0, inputs * PANEL),
                out.rows(),
                of);
    }

    void pack(CompactPanels out, Tensor of) {
        pack(out::set, out.panels(), of);
    }

    private void pack(Panels out, int count, Tensor of) {
        packed = out;
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
        int outputs = Math.min(PANEL, of.rows() - tile * PANEL);
        Arrays.fill(block, outputs * BLOCK, PANEL * BLOCK, 0);
        for (int from = 0; from < of.columns(); from += BLOCK) {
            int inputs = Math.min(BLOCK, of.columns() - from);
            for (int lane = 0; lane < outputs; lane++) {
                of.floats().get(of.offset(tile * PANEL + lane) + from, block, lane * BLOCK, inputs);
            }
            for (int k = 0; k < inputs; k++) {
                for (int lane = 0; lane < PANEL; lane++) {
                    panel[k * PANEL + lane] = block[lane * BLOCK + k];
                }
            }
            out.put(tile, from, panel, inputs);
        }
    }
}
