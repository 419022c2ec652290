package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts weights into panels, a tile a panel. */
final class PanelPacking implements Parallel.TileBody {
    private static final int PANEL = Kernels.PANEL;

    private final Parallel parallel;
    private final float[][] rows; // for each thread: (inputs)
    private final float[][] panels; // for each thread: (inputs, PANEL)
    private @Nullable Tensor packed;
    private @Nullable Tensor weight;

    PanelPacking(Parallel parallel) {
        this.parallel = parallel;
        rows = new float[parallel.threads()][0];
        panels = new float[parallel.threads()][0];
    }

    void pack(Tensor out, Tensor of) {
        packed = out;
        weight = of;
        parallel.forEachTile(out.rows(), this);
    }

    @Override
    public void run(int tile, int worker) {
        pack(Objects.requireNonNull(packed), Objects.requireNonNull(weight), tile, worker);
    }

    private void pack(Tensor out, Tensor of, int tile, int worker) {
        int inputs = of.columns();
        if (rows[worker].length < inputs) {
            rows[worker] = new float[inputs];
            panels[worker] = new float[inputs * PANEL];
        }
        float[] row = rows[worker];
        float[] panel = panels[worker];
        for (int lane = 0; lane < PANEL; lane++) {
            int output = tile * PANEL + lane;
            boolean exists = output < of.rows();
            if (exists) {
                of.floats().get(of.offset(output), row, 0, inputs);
            }
            for (int k = 0; k < inputs; k++) {
                panel[k * PANEL + lane] = exists ? row[k] : 0;
            }
        }
        out.floats().put(out.offset(tile), panel, 0, inputs * PANEL);
    }
}
