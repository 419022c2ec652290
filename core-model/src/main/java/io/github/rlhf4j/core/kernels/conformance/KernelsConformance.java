package io.github.rlhf4j.core.kernels.conformance;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.conformance.KernelRun.Scenario;
import io.github.rlhf4j.core.kernels.nd4j.Nd4jKernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.List;
import java.util.Map;

/** Kernels on the shapes of {@link Scenarios}, against the plain loops in double and against each other. */
public final class KernelsConformance {
    private KernelsConformance() {}

    /**
     * Where two implementations part most.
     *
     * @param scenario its name
     * @param difference of a number, relative to its own size and the root-mean-square of its fellows; infinite where one is not a number
     */
    public record Finding(String scenario, double difference) {}

    /** How many scenarios there are. */
    public static int scenarios() {
        return Scenarios.all().size();
    }

    /** What kernels of a type may differ from the plain loops in double. */
    public static double tolerance(Kernels kernels) {
        return kernels.type() == DataType.DOUBLE ? 1e-12 : kernels instanceof Nd4jKernels ? 1e-4 : 6e-6;
    }

    /** The largest difference to the plain loops in double. */
    public static Finding againstPlainLoops(Kernels kernels) {
        return largest(kernels, new ReferenceKernels(DataType.DOUBLE), Scenarios.all());
    }

    /** The largest difference between two; 0 where all bits are the same. */
    public static Finding between(Kernels one, Kernels other) {
        return largest(one, other, Scenarios.all());
    }

    private static Finding largest(Kernels one, Kernels other, List<Scenario> scenarios) {
        Finding largest = new Finding("all", 0);
        for (Scenario scenario : scenarios) {
            double difference = difference(KernelRun.results(other, scenario), KernelRun.results(one, scenario));
            if (difference > largest.difference()) {
                largest = new Finding(scenario.name(), difference);
            }
        }
        return largest;
    }

    private static double difference(Map<String, double[]> expected, Map<String, double[]> actual) {
        if (!expected.keySet().equals(actual.keySet())) {
            return Double.POSITIVE_INFINITY;
        }
        double largest = 0;
        for (Map.Entry<String, double[]> result : expected.entrySet()) {
            largest = Math.max(
                    largest, difference(result.getValue(), actual.getOrDefault(result.getKey(), new double[0])));
        }
        return largest;
    }

    private static double difference(double[] expected, double[] actual) {
        double squares = 0;
        for (double value : expected) {
            squares += value * value;
        }
        double size = Math.sqrt(squares / Math.max(1, expected.length));
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] != actual[i]) {
                double difference = Math.abs(expected[i] - actual[i]) / (Math.abs(expected[i]) + size);
                largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
            }
        }
        return largest;
    }
}
