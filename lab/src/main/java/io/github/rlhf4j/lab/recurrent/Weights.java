package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The weights of a graph by name. */
final class Weights {
    private Weights() {}

    /** Draws every matrix anew, as Glorot and Bengio 2010 do; biases stay what they are: 1 at forget gates, 0 elsewhere. */
    static void draw(ComputationGraph graph, CounterRandom random) {
        graph.paramTable().forEach((name, weights) -> {
            if (!name.endsWith("_b")) {
                draw(weights, random.derive(name));
            }
        });
    }

    private static void draw(INDArray weights, CounterRandom random) {
        double deviation = Math.sqrt(2.0 / (inputs(weights) + outputs(weights)));
        float[] values = new float[(int) weights.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.gaussian(i));
        }
        try (INDArray drawn = Nd4j.create(values, weights.shape(), 'c')) {
            weights.assign(drawn);
        }
    }

    private static long inputs(INDArray weights) {
        return weights.size(weights.rank() - 2);
    }

    private static long outputs(INDArray weights) {
        return weights.size(weights.rank() - 1);
    }

    /** The array called so. */
    static INDArray of(Map<String, INDArray> arrays, String name) {
        INDArray found = arrays.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no array " + name);
        }
        return found;
    }

    /** Gives a graph the weights of another that has all of its vertices. */
    static void copy(ComputationGraph from, ComputationGraph to) {
        Map<String, INDArray> source = from.paramTable();
        to.paramTable().forEach((name, weights) -> weights.assign(of(source, name)));
    }

    /** All of them, in the graph's order. */
    static float[] values(ComputationGraph graph) {
        return graph.params().castTo(DataType.FLOAT).toFloatVector();
    }

    /** Frees what a graph holds. */
    static void close(ComputationGraph graph) {
        graph.clear();
        graph.close();
    }
}
