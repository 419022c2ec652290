package io.github.rlhf4j.lab.recurrent;

import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What deeplearning4j's attention weighs its values by, which it does not give away: {@code softmax(q k^T / sqrt(d))}. */
final class AttentionWeights {
    private AttentionWeights() {}

    /**
     * @param decoded the queries before their projection, (1, h, T)
     * @param encoded the keys before theirs, (1, h, S)
     * @return (T, S)
     */
    static double[][] of(INDArray decoded, INDArray encoded, Map<String, INDArray> weights) {
        INDArray queries = projected("Wq", decoded, weights); // (d, T)
        INDArray keys = projected("Wk", encoded, weights); // (d, S)
        INDArray scores = queries.transpose().mmul(keys).div(Math.sqrt(queries.size(0))); // (T, S)
        double[][] rows = scores.castTo(DataType.DOUBLE).dup('c').toDoubleMatrix();
        for (double[] row : rows) {
            softmaxInPlace(row);
        }
        return rows;
    }

    private static INDArray projected(String name, INDArray states, Map<String, INDArray> weights) {
        INDArray projection = Weights.of(weights, TranslationGraph.ATTENTION + "_" + name); // (1, d, h)
        INDArray matrix = projection.reshape('c', projection.size(1), projection.size(2));
        return matrix.mmul(states.reshape(states.size(1), states.size(2)));
    }

    private static void softmaxInPlace(double[] row) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double score : row) {
            largest = Math.max(largest, score);
        }
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.exp(row[i] - largest);
            sum += row[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] /= sum;
        }
    }
}
