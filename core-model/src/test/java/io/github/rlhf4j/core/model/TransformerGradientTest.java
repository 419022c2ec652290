package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every parameter's gradient against central differences, in double. */
class TransformerGradientTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);
    private static final double STEP = 1e-5;

    private static PackedBatch batch() {
        return TestModels.threeSequences();
    }

    private static void check(ModelConfig config, LinearLoss loss, boolean checkpointing) {
        try (Transformer model = TestModels.create(config, KERNELS)) {
            model.useGradientCheckpointing(checkpointing);
            model.parameters().enableGradients();
            PackedBatch batch = batch();
            loss.backward(model, batch, 0);
            for (Parameter parameter : model.parameters().all()) {
                check(model, batch, loss, parameter);
            }
        }
    }

    private static void check(Transformer model, PackedBatch batch, LinearLoss loss, Parameter parameter) {
        Tensor value = parameter.value();
        Tensor gradient = parameter.gradient().orElseThrow();
        int stride = Math.max(1, (int) (value.size() / 7));
        for (int index = 0; index < value.size(); index += stride) {
            int row = index / value.columns();
            int column = index % value.columns();
            double expected = Gradients.quotient(value, row, column, STEP, () -> loss.value(model, batch, 0));
            assertThat(gradient.get(row, column))
                    .as("%s [%d, %d]", parameter, row, column)
                    .isCloseTo(expected, within(1e-7 * Math.max(1, Math.abs(expected)) + 1e-8));
        }
    }

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isTheDifferenceQuotient(ModelConfig config) {
        check(config, new LinearLoss(true, true, 0.7), false);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isTheDifferenceQuotientWithSmoothedTargetsAndNoiseOnTheEmbeddings(ModelConfig config) {
        EmbeddingNoise noise = new EmbeddingNoise(5, CounterRandom.of(1), 2);
        check(config, new LinearLoss(true, false, 0.7).withSmoothedTargetsAndNoise(0.3, noise), true);
    }

    @Test
    void isTheDifferenceQuotientWithATiedHead() {
        check(TestModels.tied(), new LinearLoss(false, false, 1), false);
    }

    /** Few rows are read, so the last layer's queries are computed for those alone. */
    @ParameterizedTest
    @MethodSource("configs")
    void isTheDifferenceQuotientOfScalarsAlone(ModelConfig config) {
        try (Transformer model = TestModels.create(config, KERNELS)) {
            model.parameters().enableGradients();
            PackedBatch batch = batch();
            Outputs out = new Outputs();
            model.forward(batch, ForwardRequest.scores().forTraining(), out);
            double[] ones = new double[batch.scalars()];
            java.util.Arrays.fill(ones, 1);
            model.backward(batch, new double[0], new double[0], ones);
            for (Parameter parameter : model.parameters().all()) {
                Tensor value = parameter.value();
                int row = value.rows() - 1;
                double expected = Gradients.quotient(value, row, 1, STEP, () -> sumOfScalars(model, batch));
                assertThat(parameter.gradient().orElseThrow().get(row, 1))
                        .as(parameter.name())
                        .isCloseTo(expected, within(1e-7));
            }
        }
    }

    @Test
    void isTheDifferenceQuotientOfTheRoutersLossWhichCountsASharedPrefixForEachOfItsSequences() {
        ModelConfig config = TestModels.experts();
        try (Transformer shared = TestModels.create(config, KERNELS);
                Transformer apart = shared.copy(true)) {
            shared.parameters().enableGradients();
            shared.useGradientCheckpointing(true);
            int[] prompt = TestModels.ids(1, 4);
            List<TokenSequence> pair = List.of(
                    TokenSequence.completion(TestModels.join(prompt, new int[] {3, 7, 2}), 4),
                    TokenSequence.completion(TestModels.join(prompt, new int[] {5, 7}), 4));
            PackedBatch together = PackedBatch.of(List.of(pair), new int[] {0, 1}, true);
            PackedBatch alone = PackedBatch.of(pair.stream().map(List::of).toList(), new int[] {0, 1}, true);
            assertThat(together.rows()).isEqualTo(alone.rows() - 3);
            double loss = routerLoss(shared, together, true);
            assertThat(loss).isCloseTo(routerLoss(apart, alone, true), within(1e-12));
            Gradients.assertSame(shared, apart, 1e-10);
            for (Parameter parameter : shared.parameters().all()) {
                double expected =
                        Gradients.quotient(parameter.value(), 0, 1, STEP, () -> routerLoss(shared, together, false));
                assertThat(parameter.gradient().orElseThrow().get(0, 1))
                        .as(parameter.name())
                        .isCloseTo(0.5 * expected, within(1e-8));
            }
        }
    }

    /** The routers' loss; its gradient is added with a factor of 2 and the model's coefficient of 1/4. */
    private static double routerLoss(Transformer model, PackedBatch batch, boolean backward) {
        Outputs out = new Outputs();
        ForwardRequest request = ForwardRequest.logProbs().withRouterLoss(2);
        model.forward(batch, backward ? request.forTraining() : request, out);
        if (backward) {
            model.backward(batch, new double[batch.targets()], new double[0], new double[0]);
        }
        return out.routerLoss();
    }

    private static double sumOfScalars(Transformer model, PackedBatch batch) {
        Outputs out = new Outputs();
        model.forward(batch, ForwardRequest.scores(), out);
        double sum = 0;
        for (int i = 0; i < batch.scalars(); i++) {
            sum += out.scalars()[i];
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isTheSameWithGradientCheckpointing(ModelConfig config) {
        try (Transformer kept = TestModels.create(config, KERNELS);
                Transformer again = kept.copy(true)) {
            kept.parameters().enableGradients();
            again.useGradientCheckpointing(true);
            LinearLoss loss = new LinearLoss(true, true, 1);
            assertThat(loss.backward(again, batch(), 0)).isEqualTo(loss.backward(kept, batch(), 0));
            Gradients.assertSame(again, kept, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isTheDifferenceQuotientUnderDropout(ModelConfig config) {
        Dropout dropout = new Dropout(0.3, CounterRandom.of(5), 17);
        check(config, new LinearLoss(false, true, 1).withDropout(dropout), false);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isTheSameInOnePassAndInTwo(ModelConfig config) {
        try (Transformer two = TestModels.create(config, KERNELS);
                Transformer one = two.copy(true)) {
            two.parameters().enableGradients();
            LinearLoss loss = new LinearLoss(false, false, 1.3);
            double lossOfTwo = loss.backward(two, batch(), 0);
            double lossOfOne = loss.forwardBackward(one, batch(), 0);
            assertThat(lossOfOne).isCloseTo(lossOfTwo, within(1e-12));
            Gradients.assertSame(one, two, 1e-10);
        }
    }

    @Test
    void isNotComputedForFrozenWeights() {
        try (Transformer whole = TestModels.create(TestModels.everything(), KERNELS);
                Transformer part = whole.copy(false)) {
            whole.parameters().enableGradients();
            part.parameters()
                    .enableGradients(name -> name.startsWith("model.layers.1.") || name.equals("score.weight"));
            LinearLoss loss = new LinearLoss(true, true, 1);
            loss.backward(whole, batch(), 0);
            loss.backward(part, batch(), 0);
            assertThat(part.parameters().get("model.embed_tokens.weight").gradient())
                    .isEmpty();
            assertThat(part.parameters()
                            .get("model.layers.2.mlp.down_proj.bias")
                            .trainable())
                    .isFalse();
            assertThat(part.parameters().storages().stream()
                            .flatMap(storage -> storage.gradient().stream())
                            .mapToLong(Tensor::size)
                            .sum())
                    .isLessThan(part.parameters().count() / 2);
            for (Parameter parameter : part.parameters().all()) {
                parameter
                        .gradient()
                        .ifPresent(gradient -> assertThat(gradient.toArray())
                                .as(parameter.name())
                                .containsExactly(
                                        whole.parameters()
                                                .get(parameter.name())
                                                .gradient()
                                                .orElseThrow()
                                                .toArray(),
                                        within(1e-12)));
            }
        }
    }
}
