package io.github.rlhf4j.tinker;

import java.util.Map;

/**
 * What a token's loss is made of.
 *
 * @param datum with the inputs
 * @param row its position
 * @param column 0 where there is one target a position
 * @param config of the loss, complete
 */
record LossInputs(Datum datum, int row, int column, Map<String, Double> config) {
    static final String OLD = "logprobs";
    static final String ADVANTAGES = "advantages";
    static final String LOW = "clip_low_threshold";
    static final String HIGH = "clip_high_threshold";

    /** Bounds of the ratio where nothing is said. */
    static final Map<String, Double> CLIPS = Map.of(LOW, 0.8, HIGH, 1.2);

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
        return Math.max(of(LOW, config(LOW)), Math.min(of(HIGH, config(HIGH)), ratio(logProb)));
    }
}
