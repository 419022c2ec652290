package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics;

/** The outputs of one sequence and the gradients with respect to them. Indices count the sequence's own targets and scalar rows, in order. */
public interface SequenceOutputs {
    /** Target tokens of this sequence. */
    int targets();

    /** log p of the target token, nats. */
    double logProb(int target);

    /** A statistic that the objective asked for. */
    double statistic(LogitStatistics.Column column, int target);

    /** How many rows the scalar head was read at. */
    int scalars();

    /** The scalar head's value there. */
    double scalar(int scalar);

    /** The sum of {@link #logProb} over all targets. */
    default double sumLogProb() {
        double sum = 0;
        for (int target = 0; target < targets(); target++) {
            sum += logProb(target);
        }
        return sum;
    }

    /** The sum of a statistic over all targets. */
    default double sum(LogitStatistics.Column column) {
        double sum = 0;
        for (int target = 0; target < targets(); target++) {
            sum += statistic(column, target);
        }
        return sum;
    }

    /** Adds d loss / d logProb of a target. */
    void addLogProbGradient(int target, double gradient);

    /** Adds d loss / d logProb to every target: the gradient with respect to {@link #sumLogProb}. */
    default void addSumLogProbGradient(double gradient) {
        for (int target = 0; target < targets(); target++) {
            addLogProbGradient(target, gradient);
        }
    }

    /** Adds d loss / d entropy of a target; the objective must ask for ENTROPY. */
    void addEntropyGradient(int target, double gradient);

    /** Adds d loss / d value of the scalar head at a scalar row. */
    void addScalarGradient(int scalar, double gradient);
}
