package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DoRA, PiSSA and OLoRA on weights that are held in fewer bits. */
class AdapterVariantsOnCompactWeightsTest {
    private static final Set<Head> HEADS = Set.of(Head.LANGUAGE, Head.SCALAR);

    @TempDir
    private Path folder;

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    private Transformer load(String name, WeightType weights, Kernels kernels) {
        return Transformer.load(folder.resolve(name), HEADS, kernels, Optional.empty(), weights);
    }

    private static void adapt(Transformer model, LoraVariant variant) {
        LoraConfig lora = new LoraConfig(2, 3, false, Optional.of(TargetModules.all()), variant, SavedModules.NONE);
        model.addAdapter(lora, CounterRandom.of(5));
        TestModels.moveTrained(model, 0.1);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void lossAndGradientsAreThoseOnTheSameWeightsInFloat32(ModelConfig config) {
        PackedBatch batch = TestModels.twoSequences();
        for (WeightType weights : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            LoraVariant variant = weights == WeightType.INT8
                    ? new LoraVariant(0, true, LoraInit.OLORA)
                    : new LoraVariant(0.4, true, LoraInit.PISSA);
            LinearLoss loss = new LinearLoss(true, true, 0.7)
                    .withDropout(new Dropout(0, variant.dropout(), CounterRandom.of(5), 17));
            try (CpuKernels kernels = new CpuKernels(1)) {
                try (Transformer base = TestModels.create(config, HEADS, kernels)) {
                    base.save(folder.resolve("base"), Optional.empty());
                }
                try (Transformer held = load("base", weights, kernels)) {
                    held.save(folder.resolve("expanded"), Optional.empty());
                }
                try (Transformer whole = load("expanded", WeightType.FLOAT32, kernels);
                        Transformer compact = load("base", weights, kernels)) {
                    adapt(whole, variant);
                    adapt(compact, variant);
                    whole.trained().enableGradients();
                    compact.trained().enableGradients();
                    assertThat(loss.backward(compact, batch, 0))
                            .isCloseTo(loss.backward(whole, batch, 0), within(1e-4));
                    for (Parameter parameter : whole.trained().all()) {
                        assertThat(compact.trained()
                                        .get(parameter.name())
                                        .gradient()
                                        .orElseThrow()
                                        .toArray())
                                .as(parameter.name())
                                .containsExactly(
                                        parameter.gradient().orElseThrow().toArray(), within(2e-3));
                    }
                }
            }
        }
    }
}
