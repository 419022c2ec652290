package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** DoRA, PiSSA and OLoRA, alone, together and with dropout. */
class AdapterVariantsTest {
    private static final Kernels DOUBLES = new ReferenceKernels(DataType.DOUBLE);
    private static final double STEP = 1e-6;
    private static final List<LoraVariant> VARIANTS = List.of(
            new LoraVariant(0, true, LoraInit.TRUE),
            new LoraVariant(0.4, true, LoraInit.GAUSSIAN),
            new LoraVariant(0, false, LoraInit.PISSA),
            new LoraVariant(0.4, false, LoraInit.OLORA),
            new LoraVariant(0, true, LoraInit.OLORA),
            new LoraVariant(0.4, true, LoraInit.PISSA));

    static Stream<Arguments> cases() {
        return TestModels.all().stream()
                .flatMap(config -> VARIANTS.stream().map(variant -> Arguments.of(config, variant)));
    }

    private static LoraConfig lora(LoraVariant variant) {
        boolean some = variant.dropout() > 0;
        Optional<TargetModules> targets = some ? Optional.of(TargetModules.all()) : Optional.empty();
        return new LoraConfig(2, 3, some, targets, variant, SavedModules.NONE);
    }

    private static Transformer adapted(ModelConfig config, LoraVariant variant, Kernels kernels) {
        Transformer model = TestModels.create(config, kernels);
        model.addAdapter(lora(variant), CounterRandom.of(5));
        return model;
    }

    private static double[] logits(Transformer model) {
        return TestModels.logits(model, TestModels.twoSequences());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aFreshOneChangesNothing(ModelConfig config, LoraVariant variant) {
        try (Transformer base = TestModels.create(config, DOUBLES);
                Transformer model = adapted(config, variant, DOUBLES)) {
            double[] expected = logits(base);
            assertThat(logits(model)).containsExactly(expected, within(1e-9));
            TestModels.moveTrained(model, 0.2);
            double[] changed = logits(model);
            assertThat(changed).isNotEqualTo(expected);
            assertThat(model.withoutAdapter(() -> logits(model))).containsExactly(expected);
            try (Transformer copy = model.copy(true)) {
                assertThat(logits(copy)).containsExactly(changed);
            }
            model.mergeAdapter();
            assertThat(logits(model)).containsExactly(changed, within(1e-9));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void generationComputesWithTheMergedModel(ModelConfig config, LoraVariant variant) {
        LoraVariant still = new LoraVariant(0, variant.useDora(), variant.init());
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = adapted(config, still, kernels)) {
            TestModels.moveTrained(model, 0.2);
            double[] expected = logits(model);
            model.computeAsGenerated();
            model.prepareForward();
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void whatIsWrittenIsRead(ModelConfig config, LoraVariant variant, @TempDir Path folder) {
        try (Transformer model = adapted(config, variant, DOUBLES);
                Transformer again = TestModels.create(config, DOUBLES)) {
            TestModels.moveTrained(model, 0.2);
            model.saveAdapter(folder.resolve("adapter"), "base");
            again.loadAdapter(folder.resolve("adapter"));
            assertThat(logits(again)).containsExactly(logits(model), within(1e-5)); // float32 in the file
            assertThat(again.adapter().orElseThrow().config().variant().init().isPartOfTheWeight())
                    .isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theGradientsAreTheDifferenceQuotientsWithTheNormsHeld(ModelConfig config, LoraVariant variant) {
        for (PackedBatch batch : List.of(TestModels.twoSequences(), TestModels.fewRows())) {
            LinearLoss loss = new LinearLoss(true, true, 0.7)
                    .withDropout(new Dropout(0, variant.dropout(), CounterRandom.of(5), 17));
            try (Transformer model = adapted(config, variant, DOUBLES)) {
                TestModels.moveTrained(model, 0.2);
                model.useGradientCheckpointing(variant.dropout() > 0);
                model.trained().enableGradients();
                loss.backward(model, batch, 0);
                HeldNorms norms = new HeldNorms(model);
                for (Parameter parameter : model.trained().all()) {
                    Tensor value = parameter.value();
                    for (int index = 0; index < value.size(); index += 7) {
                        int row = index / value.columns();
                        int column = index % value.columns();
                        double kept = value.get(row, column);
                        boolean isLength = parameter.name().endsWith(ParameterLayout.LENGTHS);
                        double above = norms.after(value, row, column, kept + STEP, isLength, loss, batch);
                        double below = norms.after(value, row, column, kept - STEP, isLength, loss, batch);
                        value.set(row, column, kept);
                        double expected = (above - below) / (2 * STEP);
                        assertThat(parameter.gradient().orElseThrow().get(row, column))
                                .as("%s [%d, %d]", parameter, row, column)
                                .isCloseTo(expected, within(2e-6 * Math.max(1, Math.abs(expected))));
                    }
                }
            }
        }
    }

    /** Changes a weight and, with it, the lengths, so that lengths over norms stay what they were: the norms are constants in the gradient. */
    private static final class HeldNorms {
        private final Transformer model;
        private final List<Length> lengths;

        @SuppressWarnings("ArrayRecordComponent")
        private record Length(Tensor value, double[] kept, double[] norms) {}

        HeldNorms(Transformer model) {
            this.model = model;
            List<Tensor> values = model.trained().all().stream()
                    .filter(parameter -> parameter.name().endsWith(ParameterLayout.LENGTHS))
                    .map(Parameter::value)
                    .toList();
            List<double[]> kept = values.stream().map(Tensor::toArray).toList();
            measure();
            lengths = IntStream.range(0, values.size())
                    .mapToObj(i ->
                            new Length(values.get(i), kept.get(i), values.get(i).toArray()))
                    .toList();
            lengths.forEach(length -> length.value().set(length.kept()));
        }

        private void measure() {
            model.blocks().forEach(block -> block.linears().forEach(Linear::beginAdapter));
        }

        double after(
                Tensor value, int row, int column, double to, boolean isLength, LinearLoss loss, PackedBatch batch) {
            List<Length> changed = isLength ? List.of() : lengths;
            value.set(row, column, to);
            if (!changed.isEmpty()) {
                measure();
            }
            for (Length length : changed) {
                Tensor now = length.value();
                for (int i = 0; i < now.columns(); i++) {
                    now.set(0, i, length.kept()[i] * now.get(0, i) / length.norms()[i]);
                }
            }
            double result = loss.value(model, batch, 0);
            changed.forEach(length -> length.value().set(length.kept()));
            return result;
        }
    }

    @Test
    void pissaTakesTheLargestSingularValues() {
        ModelConfig config = TestModels.tied();
        try (Transformer model = adapted(config, new LoraVariant(0, false, LoraInit.PISSA), DOUBLES)) {
            Tensor weight = model.parameters()
                    .get("model.layers.0.self_attn.q_proj.weight")
                    .value();
            double[] rest = rest(model, weight, "base_model.model.model.layers.0.self_attn.q_proj");
            double[] a = model.trained()
                    .get("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
                    .value()
                    .toArray();
            int inputs = weight.columns();
            for (int k = 0;
                    k < 2;
                    k++) { // rows of A are right singular vectors: the rest of the weight takes them to zero
                for (int i = 0; i < weight.rows(); i++) {
                    double dot = 0;
                    for (int j = 0; j < inputs; j++) {
                        dot += rest[i * inputs + j] * a[k * inputs + j];
                    }
                    assertThat(dot).isCloseTo(0, within(1e-9));
                }
            }
        }
    }

    private static double[] rest(Transformer model, Tensor weight, String module) {
        Tensor a = model.trained().get(module + ".lora_A.weight").value();
        Tensor b = model.trained().get(module + ".lora_B.weight").value();
        double[] rest = weight.toArray();
        for (int i = 0; i < weight.rows(); i++) {
            for (int j = 0; j < weight.columns(); j++) {
                for (int k = 0; k < a.rows(); k++) {
                    rest[i * weight.columns() + j] -= 1.5 * b.get(i, k) * a.get(k, j);
                }
            }
        }
        return rest;
    }

    @Test
    void moreThanAWeightHasIsRefused() {
        LoraConfig lora = new LoraConfig(
                9, 3, false, Optional.empty(), new LoraVariant(0, false, LoraInit.PISSA), SavedModules.NONE);
        try (Transformer model = TestModels.create(TestModels.tied(), DOUBLES)) {
            assertThatThrownBy(() -> model.addAdapter(lora, CounterRandom.of(1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("r: 9 is more than init: pissa can take from model.layers.0.self_attn.");
        }
    }
}
