package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.tensor.Tensor;

/** Comparison of the gradients of two models. */
final class Gradients {
    private Gradients() {}

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
