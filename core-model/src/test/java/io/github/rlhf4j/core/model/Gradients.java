package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.tensor.Tensor;
import java.util.function.DoubleSupplier;

/** Comparison of gradients: of two models, and with difference quotients. */
final class Gradients {
    private static final double STEP =
            1e-6; // small: the terms of third order are large with all the factors of adapters

    private Gradients() {}

    /** Fails at the first of every {@code stride}-th number that is trained whose gradient is not the loss's difference quotient. */
    static void assertAreQuotients(Transformer model, int stride, DoubleSupplier loss) {
        for (Parameter parameter : model.trained().all()) {
            Tensor value = parameter.value();
            for (int index = 0; index < value.size(); index += stride) {
                int row = index / value.columns();
                int column = index % value.columns();
                double expected = quotient(value, row, column, STEP, loss);
                assertThat(parameter.gradient().orElseThrow().get(row, column))
                        .as("%s [%d, %d]", parameter, row, column)
                        .isCloseTo(expected, within(1e-6 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    /** The central difference of a loss by one number. */
    static double quotient(Tensor value, int row, int column, double step, DoubleSupplier loss) {
        double kept = value.get(row, column);
        value.set(row, column, kept + step);
        double above = loss.getAsDouble();
        value.set(row, column, kept - step);
        double below = loss.getAsDouble();
        value.set(row, column, kept);
        return (above - below) / (2 * step);
    }

    /** Fails at the first element that differs by more than {@code tolerance} of the largest of its parameter's gradient. */
    static void assertSame(Transformer actual, Transformer expected, double tolerance) {
        for (Parameter parameter : expected.parameters().all()) {
            Tensor wanted = parameter.gradient().orElseThrow();
            Tensor got = actual.parameters().get(parameter.name()).gradient().orElseThrow();
            double largest = 1e-3;
            for (double value : wanted.toArray()) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int row = 0; row < wanted.rows(); row++) {
                for (int column = 0; column < wanted.columns(); column++) {
                    double difference = Math.abs(got.get(row, column) - wanted.get(row, column));
                    assertThat(difference)
                            .as(
                                    "gradient of %s [%d, %d]: %s for %s",
                                    parameter, row, column, got.get(row, column), wanted.get(row, column))
                            .isLessThanOrEqualTo(tolerance * largest);
                }
            }
        }
    }
}
