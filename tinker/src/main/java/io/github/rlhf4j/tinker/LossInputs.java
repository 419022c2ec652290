package io.github.rlhf4j.tinker;

import java.util.Map;
import java.util.function.IntToDoubleFunction;

/**
 * What a token's loss is made of.
 *
 * @param datum with the inputs
 * @param row its position
 * @param column 0 where there is one target a position
 * @param config of the loss, complete
 * @param sequenceRatio geometric mean of the ratios that the datum marks; 1 where the loss asks for none
 */
record LossInputs(Datum datum, int row, int column, Map<String, Double> config, double sequenceRatio) {
    static final String OLD = "logprobs";
    static final String ADVANTAGES = "advantages";
    static final String MASK = "sequence_ratio_mask";
    static final String LOW = "clip_low_threshold";
    static final String HIGH = "clip_high_threshold";

    /** Bounds of PPO's ratio where nothing is said. */
    static final Map<String, Double> CLIPS = Map.of(LOW, 0.8, HIGH, 1.2);

    /** GSPO's, of the whole sequence's: those of its paper, section 5.1. */
    static final Map<String, Double> OF_SEQUENCE = Map.of(LOW, 1 - 3e-4, HIGH, 1 + 4e-4);

    /** CISPO's, which has none below. */
    static final Map<String, Double> ABOVE = Map.of(LOW, 0.0, HIGH, 4.0);

    double of(String name, double missing) {
        TensorValue value = datum.inputs().get(name);
        return value == null ? missing : value.at(row, column);
    }

    double config(String name) {
        return config.getOrDefault(name, 0.0);
    }

    double ratio(double logProb) {
        return Math.exp(logProb - of(OLD, 0));
    }

    double clippedRatio(double logProb) {
        return clipped(ratio(logProb));
    }

    double clipped(double ratio) {
        return Math.max(of(LOW, config(LOW)), Math.min(of(HIGH, config(HIGH)), ratio));
    }

    /**
     * The geometric mean of p / q over the positions that a datum marks, 1 where it marks none.
     *
     * @param rows the positions that have a target
     * @param logProb of the target that is the {@code i}th of these
     */
    static double sequenceRatio(Datum datum, int[] rows, int column, IntToDoubleFunction logProb) {
        TensorValue mask = datum.inputs().get(MASK);
        TensorValue old = datum.inputs().get(OLD);
        if (mask == null || old == null) {
            return 1;
        }
        double sum = 0;
        int count = 0;
        for (int i = 0; i < rows.length; i++) {
            if (mask.at(rows[i], column) != 0) {
                sum += logProb.applyAsDouble(i) - old.at(rows[i], column);
                count++;
            }
        }
        return count == 0 ? 1 : Math.exp(sum / count);
    }
}
