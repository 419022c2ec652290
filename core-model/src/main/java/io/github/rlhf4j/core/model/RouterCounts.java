package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/** Counts what the routers of a model do in one forward pass, where that is asked for. Reused from pass to pass. */
final class RouterCounts {
    private final long[][] chosen; // (L, E)
    private final double[] entropies; // (L)
    private final long[] rows; // (L)
    private boolean counting;

    RouterCounts(int layers, int experts) {
        chosen = new long[layers][experts];
        entropies = new double[layers];
        rows = new long[layers];
    }

    /** A pass begins. */
    void begin(boolean counts) {
        counting = counts && chosen[0].length > 0;
        if (counting) {
            for (long[] layer : chosen) {
                Arrays.fill(layer, 0);
            }
            Arrays.fill(entropies, 0);
            Arrays.fill(rows, 0);
        }
    }

    /** Counts a layer. */
    void count(int layer, Tensor probabilities, int[] experts, int perRow) {
        if (!counting) {
            return;
        }
        for (int choice = 0; choice < probabilities.rows() * perRow; choice++) {
            chosen[layer][experts[choice]]++;
        }
        double entropy = 0;
        for (int row = 0; row < probabilities.rows(); row++) {
            for (int expert = 0; expert < probabilities.columns(); expert++) {
                double probability = probabilities.get(row, expert);
                if (probability > 0) {
                    entropy -= probability * StrictMath.log(probability);
                }
            }
        }
        entropies[layer] += entropy;
        rows[layer] += probabilities.rows();
    }

    /** The forward pass is over: what was counted, where anything was. Layers that are computed once more do not count. */
    Optional<RouterStatistics> end() {
        if (!counting) {
            return Optional.empty();
        }
        counting = false;
        long[][] copy = new long[chosen.length][];
        Arrays.setAll(copy, layer -> chosen[layer].clone());
        return Optional.of(new RouterStatistics(copy, entropies.clone(), rows.clone()));
    }
}
