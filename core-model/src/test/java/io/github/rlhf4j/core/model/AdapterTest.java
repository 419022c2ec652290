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
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterTest {
    private static final Kernels DOUBLES = new ReferenceKernels(DataType.DOUBLE);
    private static final LoraConfig ALL = new LoraConfig(3, 6, true, Optional.of(TargetModules.all()));
    private static final LoraConfig HEAD_TOO =
            new LoraConfig(2, 5, false, Optional.of(TargetModules.matching(".*(down_proj|w2|c_proj|lm_head)")));
    private static final LoraConfig SOME = new LoraConfig(2, 3, false, Optional.empty());

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    /** What a config.json can say. */
    static List<ModelConfig> storable() {
        return List.of(TestModels.tied(), TestModels.headNorms(), TestModels.gpt2(), TestModels.experts());
    }

    /** A model with an adapter whose B is not zero. */
    private static Transformer adapted(ModelConfig config, LoraConfig lora, Kernels kernels) {
        Transformer model = TestModels.create(config, kernels);
        model.addAdapter(lora, CounterRandom.of(5));
        TestModels.drawTrained(model, 0.3);
        return model;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void itsGradientIsTheDifferenceQuotient(ModelConfig config) {
        for (LoraConfig lora : List.of(ALL, SOME, HEAD_TOO)) {
            for (PackedBatch batch : List.of(TestModels.threeSequences(), TestModels.fewRows())) {
                checkGradient(config, lora, batch);
            }
        }
    }

    private static void checkGradient(ModelConfig config, LoraConfig lora, PackedBatch batch) {
        LinearLoss loss = new LinearLoss(true, true, 0.7);
        try (Transformer model = adapted(config, lora, DOUBLES)) {
            model.useGradientCheckpointing(lora.equals(SOME));
            model.trained().enableGradients();
            loss.backward(model, batch, 0);
            Gradients.assertAreQuotients(model, 5, () -> loss.value(model, batch, 0));
        }
    }

    private static double[] logits(Transformer model) {
        return TestModels.logits(model, TestModels.threeSequences());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aFreshOneAndOneThatIsOffChangeNoBit(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer base = TestModels.create(config, kernels);
                Transformer model = TestModels.create(config, kernels)) {
            double[] expected = logits(base);
            model.addAdapter(ALL, CounterRandom.of(5));
            assertThat(logits(model)).containsExactly(expected);
            TestModels.drawTrained(model, 0.3);
            assertThat(logits(model)).isNotEqualTo(expected);
            model.useAdapter(false);
            assertThat(logits(model)).containsExactly(expected);
            model.useAdapter(true);
            assertThat(logits(model)).isNotEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void mergedItIsTheSameModel(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = adapted(config, ALL, kernels)) {
            double[] expected = logits(model);
            model.mergeAdapter();
            assertThat(model.adapter()).isEmpty();
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("storable")
    void theHeadsTermIsTheHeadsAloneWhereTheEmbeddingIsTheSameMatrix(ModelConfig config, @TempDir Path folder) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = adapted(config, HEAD_TOO, kernels)) {
            double[] expected = logits(model);
            model.saveAdapter(folder.resolve("adapter"), "base");
            model.mergeAdapter();
            model.save(folder.resolve("merged"), Optional.empty());
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
            try (Transformer read = Transformer.load(folder.resolve("merged"), EnumSet.of(Head.LANGUAGE), kernels);
                    Transformer again = TestModels.create(config, kernels)) {
                assertThat(read.config().tiedEmbeddings()).isFalse();
                assertThat(read.embedding().toArray())
                        .containsExactly(again.embedding().toArray());
                assertThat(logits(read)).containsExactly(expected, within(1e-5));
                again.loadAdapter(folder.resolve("adapter"));
                assertThat(logits(again)).containsExactly(expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void generationComputesWithTheMergedModel(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = adapted(config, HEAD_TOO, kernels)) {
            double[] expected = logits(model);
            model.computeAsGenerated();
            model.prepareForward();
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
            model.useAdapter(false);
            model.prepareForward();
            try (Transformer base = TestModels.create(config, kernels)) {
                assertThat(logits(model)).containsExactly(logits(base), within(1e-5));
            }
        }
    }

    @Test
    void theModelsOwnWeightsHaveNoGradients() {
        try (Transformer model = adapted(TestModels.everything(), SOME, DOUBLES)) {
            long before = model.parameters().bytes();
            model.trained().enableGradients();
            new LinearLoss(false, false, 1).backward(model, TestModels.threeSequences(), 0);
            assertThat(model.parameters().bytes()).isEqualTo(before);
            assertThat(model.parameters().all()).noneMatch(Parameter::trainable);
        }
    }

    @Test
    void itsMatricesHavePeftsNamesAndShapes() {
        try (Transformer model = adapted(TestModels.everything(), SOME, DOUBLES)) {
            assertThat(model.trained().all())
                    .hasSize(12)
                    .extracting(Parameter::name)
                    .startsWith(
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
                            "base_model.model.model.layers.0.self_attn.v_proj.lora_A.weight",
                            "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight",
                            "base_model.model.model.layers.0.self_attn.v_proj.lora_B.weight");
            assertThat(model.trained()
                            .get("base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight")
                            .shape())
                    .containsExactly(8, 2);
        }
    }

    @Test
    void freshItsAIsUniformWithinTheRootOfTheInputs() {
        ModelConfig config = ModelConfig.llama(13, 64, 96, 2, 4, 2, 32, true);
        try (Transformer model = TestModels.create(config, DOUBLES)) {
            model.addAdapter(new LoraConfig(16, 16, false, Optional.of(TargetModules.all())), CounterRandom.of(1));
            double[] a = model.trained()
                    .get("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
                    .value()
                    .toArray();
            assertThat(IntStream.range(0, a.length)).allMatch(i -> Math.abs(a[i]) <= 1 / 8.0);
            double square =
                    IntStream.range(0, a.length).mapToDouble(i -> a[i] * a[i]).sum() / a.length;
            assertThat(square).isCloseTo(1 / 192.0, within(3e-4)); // of a uniform: bound^2 / 3
            assertThat(model.trained()
                            .get("base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight")
                            .value()
                            .toArray())
                    .containsOnly(0);
        }
    }

    @Test
    void aCopyHasItToo() {
        try (Transformer model = adapted(TestModels.gpt2(), ALL, DOUBLES);
                Transformer copy = model.copy(true)) {
            assertThat(logits(copy)).containsExactly(logits(model));
        }
    }

    @Test
    void theBackwardPassComputesNoProductOfItTwice() {
        int[] ofRank = new int[1];
        Kernels counting = (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("matmul")) {
                        Tensor out = (Tensor) arguments[0];
                        Tensor first = (Tensor) arguments[1];
                        boolean isOfRank = IntStream.of(out.rows(), out.columns(), first.rows(), first.columns())
                                .anyMatch(size -> size == 17 || size == 34);
                        ofRank[0] += isOfRank ? 1 : 0;
                    }
                    return method.invoke(DOUBLES, arguments);
                });
        LoraConfig lora = new LoraConfig(17, 17, false, Optional.empty());
        TokenSequence all = TokenSequence.all(TestModels.ids(1, 7));
        PackedBatch batch = PackedBatch.of(List.of(List.of(all)));
        try (Transformer model = adapted(TestModels.tied(), lora, counting)) {
            model.trained().enableGradients();
            Outputs out = new Outputs();
            model.forward(batch, ForwardRequest.logProbs().forTraining(), out);
            int layers = model.config().layers();
            assertThat(ofRank[0]).isEqualTo(layers * 3); // A x of both modules, B of each
            double[] ones =
                    DoubleStream.generate(() -> 1).limit(batch.targets()).toArray();
            model.backward(batch, ones, new double[0], new double[0]);
            assertThat(ofRank[0]).isEqualTo(layers * (3 + 6)); // B and its gradient of each, A and its gradient of both
        }
    }

    @Test
    void aModuleThatTheModelLacksIsRefused() {
        LoraConfig lora = new LoraConfig(2, 2, false, Optional.of(TargetModules.named(List.of("q_proj", "query"))));
        try (Transformer model = TestModels.create(TestModels.tied(), DOUBLES)) {
            assertThatThrownBy(() -> model.addAdapter(lora, CounterRandom.of(1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("\"query\"")
                    .hasMessageContaining("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj");
        }
    }

    @Test
    void aWholeModelIsNotSavedWithoutIt() {
        try (Transformer model = adapted(TestModels.tied(), SOME, DOUBLES)) {
            assertThatThrownBy(model::weights).isInstanceOf(IllegalStateException.class);
        }
    }
}
