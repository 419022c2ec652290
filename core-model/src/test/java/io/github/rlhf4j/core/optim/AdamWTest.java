package io.github.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AdamWTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);

    private static Transformer model() {
        ModelConfig config = ModelConfig.llama(5, 4, 6, 1, 2, 1, 8, false);
        Transformer model =
                Transformer.create(config, EnumSet.of(Head.LANGUAGE, Head.SCALAR), KERNELS, CounterRandom.of(1));
        model.parameters().enableGradients();
        return model;
    }

    @Test
    void followsTorchOnAMatrix() {
        for (List<String> row : OptimiserGolden.rows("adamw")) {
            check(row, "model.layers.0.mlp.gate_proj.weight");
        }
    }

    @Test
    void decaysMatricesButNotNorms() {
        try (Transformer model = model();
                AdamW optimiser = new AdamW(model.parameters(), new AdamWSettings(0.9, 0.999, 1e-8, 0.5), KERNELS)) {
            double before = model.embedding().get(1, 1);
            optimiser.step(0.1, 1); // gradients are zero: only decay changes anything
            assertThat(model.embedding().get(1, 1)).isCloseTo(before * 0.95, within(1e-15));
            assertThat(model.parameters().get("model.norm.weight").value().get(0, 0))
                    .isEqualTo(1);
        }
    }

    private static void check(List<String> row, String name) {
        AdamWSettings settings = new AdamWSettings(number(row, 1), number(row, 2), number(row, 3), number(row, 4));
        try (Transformer model = model();
                AdamW optimiser = new AdamW(model.parameters(), settings, KERNELS)) {
            Parameter parameter = model.parameters().get(name);
            setFirst(parameter.value(), 0.5, -1.25, 2.0);
            int next = 6;
            while (next < row.size()) {
                // Half the gradient at a scale of 2 is the same gradient.
                setFirst(
                        parameter.gradient().orElseThrow(),
                        number(row, next) / 2,
                        number(row, next + 1) / 2,
                        number(row, next + 2) / 2);
                optimiser.step(number(row, 5), 2);
                for (int i = 0; i < 3; i++) {
                    assertThat(parameter.value().get(0, i)).isCloseTo(number(row, next + 3 + i), within(1e-12));
                }
                next += 6;
            }
            assertThat(optimiser.steps()).isEqualTo(4);
        }
    }

    private static void setFirst(Tensor tensor, double... values) {
        for (int i = 0; i < values.length; i++) {
            tensor.set(0, i, values[i]);
        }
    }

    private static double number(List<String> row, int index) {
        return Double.parseDouble(row.get(index));
    }

    @Test
    void leavesFrozenWeightsAloneAndKeepsNoStateForThem() {
        try (Transformer model = model()) {
            model.parameters().enableGradients(name -> name.equals("score.weight"));
            try (AdamW optimiser = new AdamW(model.parameters(), new AdamWSettings(0.9, 0.999, 1e-8, 0.5), KERNELS)) {
                double[] before = model.embedding().toArray();
                model.parameters().get("score.weight").gradient().orElseThrow().set(0, 0, 1);
                double scoreBefore =
                        model.parameters().get("score.weight").value().get(0, 0);
                optimiser.step(0.1, 1);
                assertThat(model.embedding().toArray()).isEqualTo(before);
                assertThat(model.parameters().get("score.weight").value().get(0, 0))
                        .isNotEqualTo(scoreBefore);
                assertThat(optimiser.firstMoments()).containsOnlyKeys("score.weight");
                assertThat(Objects.requireNonNull(optimiser.secondMoments().get("score.weight"))
                                .get(0, 0))
                        .isCloseTo(0.001, within(1e-12));
            }
        }
    }

    @Test
    void clipsAsTorch() {
        try (Transformer model = model()) {
            // Norm of (3, 4) = 5.
            model.parameters().get("score.weight").gradient().orElseThrow().set(0, 0, 3);
            model.parameters().get("model.norm.weight").gradient().orElseThrow().set(0, 2, 4);
            double norm = GradientClipping.norm(model.parameters(), KERNELS);
            assertThat(norm).isCloseTo(5, within(1e-12));
            assertThat(GradientClipping.factor(norm, 1)).isCloseTo(1 / 5.000001, within(1e-12));
            assertThat(GradientClipping.factor(norm, 10)).isEqualTo(1);
            assertThat(GradientClipping.factor(norm, 0)).isEqualTo(1);
        }
    }
}
