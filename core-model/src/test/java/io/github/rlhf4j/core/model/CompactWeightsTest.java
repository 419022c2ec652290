package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompactWeightsTest {
    private static final LoraConfig ALL = new LoraConfig(3, 6, false, Optional.of(TargetModules.all()));
    private static final Set<Head> BOTH = Set.of(Head.LANGUAGE, Head.SCALAR);
    private static final List<WeightType> COMPACT = List.of(WeightType.BFLOAT16, WeightType.INT8);

    @TempDir
    Path folder;

    private final CpuKernels kernels = new CpuKernels(1);

    @AfterEach
    void close() {
        kernels.close();
    }

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    private static Transformer load(Path directory, Kernels kernels, WeightType weights) {
        return Transformer.load(directory, BOTH, kernels, Optional.of(CounterRandom.of(3)), weights);
    }

    private static void adapt(Transformer model) {
        model.addAdapter(ALL, CounterRandom.of(5));
        TestModels.drawTrained(model, 0.3);
    }

    private static double[] logits(Transformer model) {
        return TestModels.logits(model, TestModels.threeSequences());
    }

    /** A model's folder, and one in float32 of what is computed with where it is loaded so. */
    private Path expanded(ModelConfig config, WeightType weights) {
        Path original = folder.resolve("original");
        Path expanded = folder.resolve("expanded");
        try (Transformer model = TestModels.create(config, BOTH, kernels)) {
            model.save(original, Optional.empty());
        }
        try (Transformer compact = load(original, kernels, weights)) {
            compact.save(expanded, Optional.empty());
        }
        return expanded;
    }

    @ParameterizedTest
    @MethodSource("configs")
    void computesWhatTheSameNumbersInFloat32Compute(ModelConfig config) {
        for (WeightType weights : COMPACT) {
            Path expanded = expanded(config, weights);
            try (Transformer full = Transformer.load(expanded, BOTH, kernels);
                    Transformer compact = load(folder.resolve("original"), kernels, weights)) {
                assertThat(logits(compact)).containsExactly(logits(full), within(2e-5));
                adapt(full);
                adapt(compact);
                assertThat(logits(compact)).containsExactly(logits(full), within(2e-5));
                full.trained().enableGradients();
                compact.trained().enableGradients();
                LinearLoss loss = new LinearLoss(true, true, 0.7);
                loss.backward(full, TestModels.threeSequences(), 0);
                loss.backward(compact, TestModels.threeSequences(), 0);
                for (Parameter parameter : full.trained().all()) {
                    double[] expected = parameter.gradient().orElseThrow().toArray();
                    double[] actual = compact.trained()
                            .get(parameter.name())
                            .gradient()
                            .orElseThrow()
                            .toArray();
                    assertThat(actual).as(parameter.name()).containsExactly(expected, within(1e-4));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aModelStoredInBfloat16StaysWhatItIs(ModelConfig config) {
        Path original = folder.resolve("original");
        try (Transformer model = TestModels.create(config, BOTH, kernels)) {
            model.save(original, Optional.empty(), WeightFormat.DEFAULT);
        }
        try (Transformer rounded = load(original, kernels, WeightType.BFLOAT16)) {
            rounded.save(folder.resolve("rounded"), Optional.empty()); // matrices that bfloat16 can tell, in float32
        }
        try (Transformer rounded = Transformer.load(folder.resolve("rounded"), BOTH, kernels);
                Transformer compact = load(folder.resolve("rounded"), kernels, WeightType.BFLOAT16)) {
            compact.save(folder.resolve("again"), Optional.empty());
            assertThat(folder.resolve("again").resolve("model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("rounded").resolve("model.safetensors"));
            assertThat(logits(compact)).containsExactly(logits(rounded), within(2e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void isWrittenWithTheAdapterMerged(ModelConfig config) {
        for (WeightType weights : COMPACT) {
            Path expanded = expanded(config, weights);
            try (Transformer compact = load(folder.resolve("original"), kernels, weights)) {
                adapt(compact);
                double[] expected = logits(compact);
                compact.mergeAdapter();
                compact.save(folder.resolve("merged"), Optional.empty());
                assertThat(logits(compact)).containsExactly(expected);
                try (Transformer merged = Transformer.load(folder.resolve("merged"), BOTH, kernels);
                        Transformer full = Transformer.load(expanded, BOTH, kernels)) {
                    assertThat(logits(merged)).containsExactly(expected, within(1e-4));
                    adapt(full);
                    full.mergeAdapter();
                    for (Parameter parameter : full.parameters().all()) {
                        assertThat(merged.parameters()
                                        .get(parameter.name())
                                        .value()
                                        .toArray())
                                .as(parameter.name())
                                .containsExactly(parameter.value().toArray(), within(1e-6));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void generatesWhatTheSameNumbersInFloat32Generate(ModelConfig config) {
        for (WeightType weights : COMPACT) {
            Path expanded = expanded(config, weights);
            List<GenerationRequest> requests =
                    List.of(new GenerationRequest(TestModels.ids(4, 5), 2, CounterRandom.of(9)));
            SamplingOptions options = SamplingOptions.sampling(1, 6, new int[0]);
            try (Transformer full = Transformer.load(expanded, BOTH, kernels);
                    Transformer compact = load(folder.resolve("original"), kernels, weights);
                    Generator ofFull = new Generator(full);
                    Generator ofCompact = new Generator(compact)) {
                List<Generated> expected = ofFull.generate(requests, options);
                List<Generated> actual = ofCompact.generate(requests, options);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(actual.get(i).ids())
                            .containsExactly(expected.get(i).ids());
                    assertThat(actual.get(i).logProbs())
                            .containsExactly(expected.get(i).logProbs(), within(1e-4));
                }
            }
        }
    }

    @Test
    void cannotBeTrained() {
        Path original = folder.resolve("original");
        try (Transformer model = TestModels.create(TestModels.tied(), BOTH, kernels)) {
            model.save(original, Optional.empty());
        }
        try (Transformer compact = load(original, kernels, WeightType.INT8)) {
            assertThatThrownBy(() -> compact.parameters().enableGradients())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot be trained");
            try (Transformer copy = compact.copy(false)) {
                assertThat(logits(copy)).containsExactly(logits(compact));
            }
        }
    }

    @Test
    void refusesWeightsThatAreNotFinite() {
        Path original = folder.resolve("original");
        try (Transformer model = TestModels.create(TestModels.tied(), BOTH, kernels)) {
            model.parameters()
                    .get("model.layers.1.mlp.down_proj.weight")
                    .value()
                    .set(2, 3, Double.NaN);
            model.save(original, Optional.empty());
        }
        assertThat(Files.isDirectory(original)).isTrue();
        for (WeightType weights : COMPACT) {
            assertThatThrownBy(() -> load(original, kernels, weights))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("model.layers.1.mlp.down_proj.weight has values that are not finite");
        }
    }
}
