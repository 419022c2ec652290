package io.github.rlhf4j.core.kernels.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.conformance.KernelRun.Scenario;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernelsByLibrary;
import io.github.rlhf4j.core.kernels.nd4j.Nd4jKernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every implementation computes what the plain loops compute in double. */
class KernelsConformanceTest {
    private static final Map<String, Map<String, double[]>> ORACLE = new ConcurrentHashMap<>();
    private static final List<List<CpuKernels>> BY_LIBRARY = CpuKernelsByLibrary.of(3);

    @AfterAll
    static void close() {
        BY_LIBRARY.forEach(kernels -> kernels.forEach(CpuKernels::close));
    }

    static Stream<Arguments> implementationsAndScenarios() {
        List<Kernels> implementations = List.of(
                BY_LIBRARY.get(0).get(1),
                BY_LIBRARY.get(1).get(1),
                new ReferenceKernels(DataType.FLOAT),
                new Nd4jKernels(DataType.FLOAT),
                new Nd4jKernels(DataType.DOUBLE));
        return implementations.stream()
                .flatMap(kernels -> Scenarios.all().stream()
                        .map(scenario -> Arguments.of(kernels.description(), kernels, scenario)));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("implementationsAndScenarios")
    void agreesWithThePlainLoopsInDouble(String description, Kernels kernels, Scenario scenario) {
        Map<String, double[]> expected = ORACLE.computeIfAbsent(
                scenario.name(), name -> KernelRun.results(new ReferenceKernels(DataType.DOUBLE), scenario));
        Map<String, double[]> actual = KernelRun.results(kernels, scenario);
        assertThat(actual.keySet()).as(description).isEqualTo(expected.keySet());
        double tolerance = KernelsConformance.tolerance(kernels);
        expected.forEach((name, values) -> assertThat(
                        firstDifference(values, Objects.requireNonNull(actual.get(name)), tolerance))
                .as(name)
                .isEmpty());
    }

    static Stream<Scenario> scenarios() {
        return Scenarios.all().stream();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void givesTheSameBitsForEveryNumberOfThreads(Scenario scenario) {
        for (List<CpuKernels> kernels : BY_LIBRARY) {
            Map<String, double[]> one = KernelRun.results(kernels.get(0), scenario);
            for (Kernels more : kernels.subList(1, kernels.size())) {
                Map<String, double[]> other = KernelRun.results(more, scenario);
                one.forEach((name, values) -> assertThat(
                                firstDifference(values, Objects.requireNonNull(other.get(name)), 0))
                        .as(name)
                        .isEmpty());
            }
        }
    }

    /** What {@code verify} says of kernels follows from the same numbers. */
    @Test
    void theLargestDifferenceIsFoundAndNone() {
        CpuKernels one = BY_LIBRARY.get(0).get(0);
        assertThat(KernelsConformance.between(one, BY_LIBRARY.get(0).get(1)).difference())
                .isZero();
        KernelsConformance.Finding finding = KernelsConformance.between(one, new ReferenceKernels(DataType.FLOAT));
        assertThat(finding.difference()).isBetween(1e-9, 1e-5);
        assertThat(Scenarios.all()).extracting(Scenario::name).contains(finding.scenario());
    }

    /** Where two results part first, relative to the root-mean-square of what was expected; empty if nowhere. */
    private static String firstDifference(double[] expected, double[] actual, double tolerance) {
        double squares = 0;
        for (double value : expected) {
            squares += value * value;
        }
        double size = Math.sqrt(squares / Math.max(1, expected.length));
        for (int i = 0; i < expected.length; i++) {
            double allowed = tolerance * (Math.abs(expected[i]) + size);
            if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
                return "[" + i + "] of " + expected.length + ": expected " + expected[i] + ", but was " + actual[i]
                        + " (size " + size + ")";
            }
        }
        return "";
    }
}
