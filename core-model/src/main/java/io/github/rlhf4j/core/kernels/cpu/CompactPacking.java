package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts weights into {@link CompactPanels}, a tile a panel. */
final class CompactPacking implements Parallel.TileBody {
    private static final int PANEL = Kernels.PANEL;

    private final Parallel parallel;
    private final float[][] rows; // for each thread: (inputs)
    private final float[][] values; // for each thread: (inputs, PANEL)
    private @Nullable CompactPanels packed;
    private @Nullable Tensor weight;

    CompactPacking(Parallel parallel) {
        this.parallel = parallel;
        rows = new float[parallel.threads()][0];
        values = new float[parallel.threads()][0];
    }

    void pack(CompactPanels out, Tensor of) {
        packed = out;
        weight = of;
        parallel.forEachTile(out.panels(), this);
    }

    @Override
    public void run(int tile, int worker) {
        CompactPanels out = Objects.requireNonNull(packed);
        Tensor of = Objects.requireNonNull(weight);
        int inputs = of.columns();
        float[] row = LaneScratch.fit(rows[worker], inputs);
        float[] panel = LaneScratch.fit(values[worker], inputs * PANEL);
        rows[worker] = row;
        values[worker] = panel;
        Arrays.fill(panel, 0);
        int first = tile * PANEL;
        for (int lane = 0; lane < Math.min(PANEL, of.rows() - first); lane++) {
            of.floats().get(of.offset(first + lane), row, 0, inputs);
            for (int k = 0; k < inputs; k++) {
                panel[k * PANEL + lane] = row[k];
            }
        }
        out.set(tile, panel);
    }
}
