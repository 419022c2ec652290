package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The load-balancing loss of a model's routers over one pass (Switch Transformer, Fedus et al. 2022, Eq. 4-6, over all layers together, as transformers computes it):
 *
 * <pre>
 *   loss = E sum over experts e of f_e P_e
 *   f_e: how many rows chose e, P_e: the sum of its probabilities; both divided by the rows of all layers
 * </pre>
 *
 * <p>A row that K sequences share counts K times. The choice is constant, so the gradient goes through P alone.
 */
final class LoadBalancingLoss {
    private final double[] chosen;
    private final double[] probability;
    private int[] rowWeights = {};
    private double rows;
    private boolean counting;
    private double scale;

    LoadBalancingLoss(int experts) {
        chosen = new double[experts];
        probability = new double[experts];
    }

    /** A pass begins that has no such loss. */
    void off() {
        counting = false;
        scale = 0;
    }

    /** A pass begins, with the weight of each of its rows. */
    void begin(int[] newRowWeights) {
        rowWeights = newRowWeights;
        rows = 0;
        Arrays.fill(chosen, 0);
        Arrays.fill(probability, 0);
        counting = true;
        scale = 0;
    }

    /** Counts a layer. */
    void count(Tensor probabilities, int[] experts, int perRow) {
        if (!counting) {
            return;
        }
        for (int row = 0; row < probabilities.rows(); row++) {
            for (int j = 0; j < perRow; j++) {
                chosen[experts[row * perRow + j]] += rowWeights[row];
            }
            for (int expert = 0; expert < chosen.length; expert++) {
                probability[expert] += rowWeights[row] * probabilities.get(row, expert);
            }
            rows += rowWeights[row];
        }
    }

    /** The loss of the layers counted. */
    double loss() {
        double sum = 0;
        for (int expert = 0; expert < chosen.length; expert++) {
            sum += chosen[expert] * probability[expert];
        }
        return chosen.length * sum / (rows * rows);
    }

    /** The forward pass is over: nothing is counted any more, and gradients are those of {@code newScale} times the loss. */
    void beginBackward(double newScale) {
        counting = false;
        scale = newScale;
    }

    /** {@code dProbabilities = } the gradient of one layer. */
    void gradient(Tensor dProbabilities) {
        for (int row = 0; row < dProbabilities.rows(); row++) {
            for (int expert = 0; expert < chosen.length; expert++) {
                double gradient =
                        scale == 0 ? 0 : scale * chosen.length * chosen[expert] * rowWeights[row] / (rows * rows);
                dProbabilities.set(row, expert, gradient);
            }
        }
    }
}
