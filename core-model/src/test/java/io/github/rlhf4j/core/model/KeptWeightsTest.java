package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeptWeightsTest {
    private static final SamplingOptions OPTIONS = SamplingOptions.sampling(1, 6, new int[0]);

    private final CpuKernels kernels = new CpuKernels(1);
    private final KernelMeter meter = new KernelMeter(kernels);
    private final Transformer model = TestModels.create(TestModels.tied(), Set.of(Head.LANGUAGE), meter.kernels());

    @AfterEach
    void close() {
        model.close();
        kernels.close();
    }

    private static double[] generate(Generator generator) {
        GenerationRequest request = new GenerationRequest(TestModels.ids(4, 5), 1, CounterRandom.of(9));
        return generator.generate(List.of(request), OPTIONS).get(0).logProbs();
    }

    private long fingerprints() {
        KernelMeter.Tally tally = meter.tallies().get("fingerprint");
        return tally == null ? 0 : tally.calls();
    }

    @Test
    void areNotReadBeforeATextAndGiveTheSameTexts() {
        for (WeightType type : WeightType.values()) {
            model.generateWith(type);
            try (Generator generator = new Generator(model)) {
                double[] expected = generate(generator);
                if (type == WeightType.FLOAT32) {
                    assertThat(fingerprints()).isPositive();
                }
                model.keepWeights();
                meter.reset();
                assertThat(generate(generator)).containsExactly(expected);
            }
            try (Generator generator = new Generator(model)) {
                meter.reset();
                double[] first = generate(generator);
                assertThat(generate(generator)).containsExactly(first);
                assertThat(fingerprints()).isZero();
            }
        }
    }

    @Test
    void anAdapterIsStillTakenInAndLeftOut() {
        model.keepWeights();
        try (Generator generator = new Generator(model)) {
            double[] before = generate(generator);
            model.addAdapter(new LoraConfig(3, 6, false, Optional.of(TargetModules.all())), CounterRandom.of(5));
            TestModels.drawTrained(model, 0.3);
            assertThat(generate(generator)).isNotEqualTo(before);
            model.useAdapter(false);
            assertThat(generate(generator)).containsExactly(before);
        }
    }

    @Test
    void cannotBeChanged() {
        try (Transformer other = model.copy(false)) {
            other.parameters().enableGradients();
            model.keepWeights();
            refuses(() -> model.parameters().enableGradients());
            refuses(() -> model.copyWeightsFrom(other));
            refuses(() -> model.parameters().mixFrom(other.parameters(), 0.5));
            model.parameters().enableGradients(name -> false);
        }
        model.addAdapter(new LoraConfig(3, 6, false, Optional.of(TargetModules.all())), CounterRandom.of(5));
        refuses(model::mergeAdapter);
    }

    private static void refuses(Runnable change) {
        assertThatThrownBy(change::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keepWeights");
    }
}
