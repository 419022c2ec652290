package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;

/** The choice of experts and its gradient: few numbers a row, so plain loops, in double, serve every implementation. StrictMath, so that weights do not depend on the Java version. */
final class ExpertChoice {
    private ExpertChoice() {}

    static void choose(Tensor probabilities, Tensor weights, int[] experts) {
        Shapes.check(weights, probabilities.rows(), weights.columns(), "weights");
        for (int row = 0; row < probabilities.rows(); row++) {
            softmax(probabilities, row);
            double sum = 0;
            for (int j = 0; j < weights.columns(); j++) {
                int from = row * weights.columns();
                int best = best(probabilities, row, experts, from, from + j);
                experts[from + j] = best;
                weights.set(row, j, probabilities.get(row, best));
                sum += weights.get(row, j);
            }
            for (int j = 0; j < weights.columns(); j++) {
                weights.set(row, j, weights.get(row, j) / sum);
            }
        }
    }

    private static void softmax(Tensor x, int row) {
        double max = Double.NEGATIVE_INFINITY;
        for (int e = 0; e < x.columns(); e++) {
            max = Math.max(max, x.get(row, e));
        }
        double sum = 0;
        for (int e = 0; e < x.columns(); e++) {
            sum += StrictMath.exp(x.get(row, e) - max);
        }
        for (int e = 0; e < x.columns(); e++) {
            x.set(row, e, StrictMath.exp(x.get(row, e) - max) / sum);
        }
    }

    /** The likeliest expert that is not among {@code taken[from .. to - 1]}, the first of equals. */
    private static int best(Tensor probabilities, int row, int[] taken, int from, int to) {
        int best = -1;
        for (int e = 0; e < probabilities.columns(); e++) {
            if (!contains(taken, from, to, e)
                    && (best < 0 || probabilities.get(row, e) > probabilities.get(row, best))) {
                best = e;
            }
        }
        return best;
    }

    private static boolean contains(int[] values, int from, int to, int wanted) {
        for (int i = from; i < to; i++) {
            if (values[i] == wanted) {
                return true;
            }
        }
        return false;
    }

    static void backward(Tensor dLogits, Tensor dWeights, Tensor probabilities, Tensor weights, int[] experts) {
        int k = weights.columns();
        for (int row = 0; row < probabilities.rows(); row++) {
            double sum = 0;
            double mean = 0;
            for (int j = 0; j < k; j++) {
                sum += probabilities.get(row, experts[row * k + j]);
                mean += dWeights.get(row, j) * weights.get(row, j);
            }
            for (int j = 0; j < k; j++) {
                int expert = experts[row * k + j];
                double gradient = (dWeights.get(row, j) - mean) / sum;
                dLogits.set(row, expert, dLogits.get(row, expert) + gradient);
            }
            double dot = 0;
            for (int e = 0; e < probabilities.columns(); e++) {
                dot += dLogits.get(row, e) * probabilities.get(row, e);
            }
            for (int e = 0; e < probabilities.columns(); e++) {
                dLogits.set(row, e, probabilities.get(row, e) * (dLogits.get(row, e) - dot));
            }
        }
    }
}
