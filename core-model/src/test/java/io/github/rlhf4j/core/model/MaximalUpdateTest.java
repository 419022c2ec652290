package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.optim.AdamW;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaximalUpdateTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);
    private static final String LAYER = "model.layers.0.";

    private static Transformer fresh(int hidden) {
        return Transformer.create(
                ModelConfig.llama(7, hidden, 6, 1, 2, 1, 8, false),
                Set.of(Head.LANGUAGE),
                KERNELS,
                CounterRandom.of(1));
    }

    private static double[] values(Transformer model, String name) {
        return model.parameters().get(name).value().toArray();
    }

    private static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(value -> value * factor).toArray();
    }

    @Test
    void atTheBasesWidthItIsTheStandardOne() {
        try (Transformer plain = fresh(8);
                Transformer model = fresh(8)) {
            MaximalUpdate same = MaximalUpdate.of(model.config(), 8, 4);
            same.scale(model);

            for (Parameter parameter : model.parameters().all()) {
                assertThat(parameter.value().toArray()).containsExactly(values(plain, parameter.name()));
                assertThat(same.rateFactor(parameter)).isEqualTo(1);
            }
        }
    }

    @Test
    void scalesFreshWeightsByTheirPlace() {
        try (Transformer plain = fresh(16);
                Transformer model = fresh(16)) {
            MaximalUpdate.of(model.config(), 4, 2).scale(model); // four times as wide, heads of 8 instead of 2

            assertThat(values(model, "model.embed_tokens.weight"))
                    .containsExactly(values(plain, "model.embed_tokens.weight"));
            assertThat(values(model, "lm_head.weight")).containsExactly(values(plain, "lm_head.weight"));
            assertThat(values(model, "model.norm.weight")).containsOnly(0.25);
            assertThat(values(model, LAYER + "input_layernorm.weight")).containsOnly(1);
            for (String name : new String[] {"self_attn.k_proj", "self_attn.o_proj", "mlp.up_proj", "mlp.down_proj"}) {
                assertThat(values(model, LAYER + name + ".weight"))
                        .containsExactly(scaled(values(plain, LAYER + name + ".weight"), 0.5), within(1e-15));
            }
            // scores are sums over 8 channels instead of 2, divided by sqrt(8): sqrt(2) / 8 is wanted
            assertThat(values(model, LAYER + "self_attn.q_proj.weight"))
                    .containsExactly(scaled(values(plain, LAYER + "self_attn.q_proj.weight"), 0.25), within(1e-15));
        }
    }

    @Test
    void learningRatesFollowTheWidthAndDecayDoesNot() {
        try (Transformer model = fresh(16)) {
            MaximalUpdate wide = MaximalUpdate.of(model.config(), 4, 2);
            model.parameters().enableGradients();
            model.parameters().all().forEach(parameter -> {
                Tensor gradient = parameter.gradient().orElseThrow();
                gradient.set(0, 0, 3);
                parameter.value().set(0, 0, 1);
                parameter.value().set(0, 1, 1);
            });
            try (AdamW optimiser = new AdamW(model.parameters(), new AdamWSettings(0.9, 0.999, 1e-12, 0.5), KERNELS)) {
                optimiser.useRateFactors(wide::rateFactor);
                optimiser.step(0.1, 1);
            }
            // Adam's first step is the learning rate, whatever the gradient; where there is none, decay is left: 1 -
            // 0.1 x 0.5
            assertStep(model, "model.embed_tokens.weight", 0.1, 0.95);
            assertStep(model, "lm_head.weight", 0.1, 0.95);
            assertStep(model, "model.norm.weight", 0.025, 1);
            assertStep(model, LAYER + "input_layernorm.weight", 0.1, 1);
            assertStep(model, LAYER + "self_attn.v_proj.weight", 0.025, 0.95);
            assertStep(model, LAYER + "mlp.gate_proj.weight", 0.025, 0.95);
            assertStep(model, LAYER + "self_attn.q_proj.weight", 0.0125, 0.95);
        }
    }

    private static void assertStep(Transformer model, String name, double step, double decayed) {
        Tensor value = model.parameters().get(name).value();
        assertThat(value.get(0, 1)).as(name).isCloseTo(decayed, within(1e-9));
        assertThat(value.get(0, 0)).as(name).isCloseTo(decayed - step, within(1e-9));
    }
}
