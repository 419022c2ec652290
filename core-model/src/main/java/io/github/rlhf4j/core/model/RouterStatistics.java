package io.github.rlhf4j.core.model;

import java.util.Arrays;

/**
 * How the routers of a mixture of experts sent the rows of one or more passes. Of each layer the rows that it computed: where nothing reads a row of the last layer, that layer has fewer. Not modified.
 *
 * <p>A share is of all choices of a layer: with E experts in balance each has 1 / E.
 */
public final class RouterStatistics {
    private final long[][] chosen; // (L, E): choices
    private final double[] entropies; // (L): sums over rows, nats
    private final long[] rows; // (L)

    RouterStatistics(long[][] chosen, double[] entropies, long[] rows) {
        this.chosen = chosen;
        this.entropies = entropies;
        this.rows = rows;
    }

    /** These passes and others of a model of the same shape. */
    public RouterStatistics plus(RouterStatistics others) {
        long[][] both = new long[chosen.length][];
        for (int layer = 0; layer < both.length; layer++) {
            both[layer] = chosen[layer].clone();
            for (int expert = 0; expert < both[layer].length; expert++) {
                both[layer][expert] += others.chosen[layer][expert];
            }
        }
        double[] entropy = entropies.clone();
        Arrays.setAll(entropy, layer -> entropy[layer] + others.entropies[layer]);
        long[] count = rows.clone();
        Arrays.setAll(count, layer -> count[layer] + others.rows[layer]);
        return new RouterStatistics(both, entropy, count);
    }

    /** L. */
    public int layers() {
        return chosen.length;
    }

    /** E. */
    public int experts() {
        return chosen[0].length;
    }

    /** What an expert got of a layer's choices, in [0, 1]; 0 where the layer had no row. */
    public double share(int layer, int expert) {
        long all = Arrays.stream(chosen[layer]).sum();
        return all == 0 ? 0 : (double) chosen[layer][expert] / all;
    }

    /** The largest share of each layer, in the mean over layers. */
    public double largestShare() {
        double sum = 0;
        for (int layer = 0; layer < layers(); layer++) {
            double largest = 0;
            for (int expert = 0; expert < experts(); expert++) {
                largest = Math.max(largest, share(layer, expert));
            }
            sum += largest;
        }
        return sum / layers();
    }

    /** The smallest share of each layer, in the mean over layers. */
    public double smallestShare() {
        double sum = 0;
        for (int layer = 0; layer < layers(); layer++) {
            double smallest = 1;
            for (int expert = 0; expert < experts(); expert++) {
                smallest = Math.min(smallest, share(layer, expert));
            }
            sum += smallest;
        }
        return sum / layers();
    }

    /** The entropy of a row's distribution over all experts, nats, in the mean over rows and layers: at most ln E. */
    public double entropy() {
        long all = Arrays.stream(rows).sum();
        return all == 0 ? 0 : Arrays.stream(entropies).sum() / all;
    }
}
