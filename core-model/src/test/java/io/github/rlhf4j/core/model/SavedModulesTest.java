package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Modules that an adapter trains as a whole. */
class SavedModulesTest {
    private static final Kernels DOUBLES = new ReferenceKernels(DataType.DOUBLE);
    private static final Set<Head> HEADS = Set.of(Head.LANGUAGE, Head.SCALAR);

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    private static LoraConfig saving(boolean tied, String... modules) {
        return new LoraConfig(
                2, 4, false, Optional.empty(), LoraVariant.PLAIN, new SavedModules(List.of(modules), tied));
    }

    /** Embedding, norms, biases, feed-forward parts and heads of whatever family. */
    private static LoraConfig most(ModelConfig config) {
        return switch (config.family()) {
            case GPT2 -> saving(config.tiedEmbeddings(), "wte", "wpe", "ln_f", "h.1.mlp", "h.0.ln_1", "score");
            case MIXTRAL -> saving(config.tiedEmbeddings(), "embed_tokens", "layers.1.block_sparse_moe", "lm_head");
            default -> saving(config.tiedEmbeddings(), "embed_tokens", "norm", "layers.1.mlp", "lm_head", "score");
        };
    }

    private static Transformer adapted(ModelConfig config, LoraConfig lora) {
        Transformer model = TestModels.create(config, HEADS, DOUBLES);
        model.addAdapter(lora, CounterRandom.of(5));
        return model;
    }

    private static double[] logits(Transformer model) {
        return TestModels.logits(model, TestModels.twoSequences());
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theirGradientsAreTheDifferenceQuotients(ModelConfig config) {
        LinearLoss loss = new LinearLoss(true, true, 0.7);
        PackedBatch batch = TestModels.twoSequences();
        try (Transformer model = adapted(config, most(config))) {
            TestModels.moveTrained(model, 0.2);
            model.trained().enableGradients();
            loss.backward(model, batch, 0);
            Gradients.assertAreQuotients(model, 7, () -> loss.value(model, batch, 0));
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theModelsOwnStayAndAreThereWhenTheAdapterIsOff(ModelConfig config) {
        try (Transformer base = TestModels.create(config, HEADS, DOUBLES);
                Transformer model = adapted(config, most(config))) {
            double[] expected = logits(base);
            assertThat(logits(model)).containsExactly(expected);
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
    @MethodSource("configs")
    void whatIsWrittenIsRead(ModelConfig config, @TempDir Path folder) {
        try (Transformer model = adapted(config, most(config));
                Transformer again = TestModels.create(config, HEADS, DOUBLES)) {
            TestModels.moveTrained(model, 0.2);
            model.saveAdapter(folder.resolve("adapter"), "base");
            again.loadAdapter(folder.resolve("adapter"));
            assertThat(again.trained().all()).hasSameSizeAs(model.trained().all());
            assertThat(logits(again)).containsExactly(logits(model), within(1e-5)); // float32 in the file
        }
    }

    @Test
    void theyHavePeftsNames() {
        try (Transformer model = adapted(TestModels.everything(), saving(false, "lm_head", "score"))) {
            assertThat(model.trained().all())
                    .extracting(Parameter::name)
                    .contains("base_model.model.lm_head.weight", "base_model.model.score.weight");
        }
    }

    @Test
    void aRewardModelsHeadIsOne() {
        try (Transformer model =
                Transformer.create(TestModels.tied(), Set.of(Head.SCALAR), DOUBLES, CounterRandom.of(1))) {
            double[] head = model.scalarHead().weight().toArray();
            model.addAdapter(new LoraConfig(2, 4, false, Optional.empty()), CounterRandom.of(5));
            Tensor copy = model.trained().get("base_model.model.score.weight").value();
            assertThat(copy.toArray()).containsExactly(head);
            copy.set(0, 0, 7);
            assertThat(model.scalarHead().weight().get(0, 0)).isEqualTo(7);
            model.useAdapter(false);
            assertThat(model.scalarHead().weight().toArray()).containsExactly(head);
        }
        for (ModelConfig config :
                List.of(TestModels.tied(), TestModels.gpt2())) { // gpt2's labels are of its "classifier"
            try (Transformer model = Transformer.create(config, Set.of(Head.LABELS), DOUBLES, CounterRandom.of(1))) {
                model.addAdapter(new LoraConfig(2, 4, false, Optional.empty()), CounterRandom.of(5));
                String name = "base_model.model." + config.family().labelsHead();
                assertThat(model.trained().contains(name + ".weight")).isTrue();
                assertThat(model.trained().contains(name + ".bias")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "head | false | \"head\" is no module of this model; there are embed_tokens, ",
                "self_attn | false | q_proj has an adapter by target_modules",
                "gate_proj | false | gate_proj, model.layers.0.mlp.up_proj are one matrix",
                "lm_head | false | one matrix for its embedding and its head",
                "norm | true | ensure_weight_tying: true is for the embedding or the head"
            })
    void whatIsNotThereOrNotWholeIsRefused(String name, boolean tied, String message) {
        try (Transformer model = TestModels.create(TestModels.tied(), DOUBLES)) {
            assertThatThrownBy(() -> model.addAdapter(saving(tied, name), CounterRandom.of(1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(message);
        }
    }
}
