package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {
    private static HuggingFaceConfig file(String modelType) {
        return HuggingFaceConfig.create(modelType, "X")
                .with("vocab_size", 13)
                .with("hidden_size", 8)
                .with("intermediate_size", 10)
                .with("num_hidden_layers", 2)
                .with("num_attention_heads", 2);
    }

    @Test
    void takesTransformersDefaultsForAbsentKeys() {
        ModelConfig config = ModelConfig.from(file("llama"));
        assertThat(config.keyValueHeads()).isEqualTo(2);
        assertThat(config.headDim()).isEqualTo(4);
        assertThat(config.norm().epsilon()).isEqualTo(1e-6);
        assertThat(config.positions()).isEqualTo(new Positions.Rotary(10_000, new RotaryScaling.None()));
        assertThat(config.maxPositions()).isEqualTo(2048);
        assertThat(config.tiedEmbeddings()).isFalse();
        assertThat(config.attention().queryKeyValueBias()).isFalse();
    }

    @Test
    void givesQwenItsBiasesAndMistralItsWindow() {
        ModelConfig qwen = ModelConfig.from(file("qwen2"));
        assertThat(qwen.attention().queryKeyValueBias()).isTrue();
        assertThat(qwen.attention().outputBias()).isFalse();
        assertThat(qwen.attention().slidingWindow()).isZero();
        assertThat(ModelConfig.from(file("mistral")).attention().slidingWindow())
                .isEqualTo(4096);
        assertThat(ModelConfig.from(file("mistral").with("sliding_window", 64)).window(1))
                .isEqualTo(64);
    }

    @Test
    void refusesWhatItCannotCompute() {
        assertThatThrownBy(() -> ModelConfig.from(file("gemma")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("gemma");
        assertThatThrownBy(() -> ModelConfig.from(file("llama").with("hidden_act", "gelu")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("hidden_act");
        assertThatThrownBy(() -> ModelConfig.from(file("llama").with("num_key_value_heads", 3)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "config.json: num_attention_heads is 2, but must be a multiple of num_key_value_heads");
        assertThatThrownBy(() -> ModelConfig.from(file("llama").with("head_dim", 3)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("head_dim");
    }

    @Test
    void readsRotaryScalingUnderBothSpellings() {
        HuggingFaceConfig llama = file("llama").with("max_position_embeddings", 100);
        ModelConfig dynamic = ModelConfig.from(
                llama.with("rope_theta", 500.0).with("rope_scaling", json("{'type': 'dynamic', 'factor': 4.0}")));
        assertThat(dynamic.positions()).isEqualTo(new Positions.Rotary(500, new RotaryScaling.Dynamic(4)));
        assertThat(dynamic.maxPositions()).isEqualTo(400);
        assertThat(ModelConfig.from(llama.with(
                                "rope_parameters", json("{'rope_type': 'linear', 'factor': 2, 'rope_theta': 7.5}")))
                        .positions())
                .isEqualTo(new Positions.Rotary(7.5, new RotaryScaling.Linear(2)));
    }

    @Test
    void refusesRotaryPositionsThatItCannotCompute() {
        assertRopeError(
                "{'rope_type': 'yarn', 'factor': 2}", "rope_type is \"yarn\"", "default, linear, dynamic or llama3");
        assertRopeError("{'type': 'linear'}", "factor is missing", "config.json");
        assertRopeError("{'type': 'linear', 'factor': 0.5}", "factor is 0.5", "");
        assertRopeError("{'rope_type': 'llama3', 'factor': 8}", "low_freq_factor is missing", "");
        assertRopeError("{'rope_type': 'default', 'partial_rotary_factor': 0.5}", "partial_rotary_factor", "must be 1");
    }

    private static void assertRopeError(String rope, String first, String then) {
        assertThatThrownBy(() -> ModelConfig.from(file("llama").with("rope_scaling", json(rope))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(first)
                .hasMessageContaining(then);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Test
    void readsGpt2UnderItsOwnKeys() {
        HuggingFaceConfig file = HuggingFaceConfig.create("gpt2", "GPT2LMHeadModel")
                .with("vocab_size", 13)
                .with("n_embd", 8)
                .with("n_layer", 2)
                .with("n_head", 2);
        ModelConfig config = ModelConfig.from(file);
        assertThat(config.maxPositions()).isEqualTo(1024);
        assertThat(config.intermediateSize()).isEqualTo(32);
        assertThat(config.tiedEmbeddings()).isTrue();
        assertThat(config.positions()).isEqualTo(new Positions.Learned());
        assertError(file.with("activation_function", "relu"), "activation_function is \"relu\"");
        assertError(file.with("scale_attn_by_inverse_layer_idx", true), "scale_attn_by_inverse_layer_idx is true");
        assertError(file.with("n_head", 3), "n_embd is 8, but must be a multiple of n_head, 3");
    }

    @Test
    void readsMixtralsExperts() {
        HuggingFaceConfig file = file("mixtral").with("num_local_experts", 4).with("router_aux_loss_coef", 0.02);
        assertThat(ModelConfig.from(file).feedForward()).isEqualTo(FeedForwardConfig.experts(10, 4, 2, 0));
        assertThat(ModelConfig.from(file.with("output_router_logits", true)).feedForward())
                .isEqualTo(FeedForwardConfig.experts(10, 4, 2, 0.02));
        assertError(file.with("num_experts_per_tok", 5), "num_experts_per_tok");
        assertError(file.with("router_jitter_noise", 0.1), "router_jitter_noise");
    }

    private static void assertError(HuggingFaceConfig file, String message) {
        assertThatThrownBy(() -> ModelConfig.from(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }

    @Test
    void namesAWeightThatTheModelHasNoPlaceFor(@TempDir Path temporary) {
        ReferenceKernels kernels = new ReferenceKernels(DataType.FLOAT);
        Path directory = temporary.resolve("model");
        ModelConfig config = ModelConfig.llama(20, 8, 10, 2, 2, 1, 16, false);
        try (Transformer model = Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            model.save(directory, Optional.empty());
            HuggingFaceConfig.read(directory).with("num_hidden_layers", 1).write(directory.resolve("config.json"));
        }
        assertThatThrownBy(() -> Transformer.load(directory, EnumSet.of(Head.LANGUAGE), kernels))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("model.layers.1.")
                .hasMessageContaining("and 3 more");
    }

    @Test
    void namesTheDataThatDoesNotFit() {
        ModelConfig config = ModelConfig.llama(10, 8, 10, 1, 2, 1, 4, true);
        config.checkFits(new int[] {0, 9, 3, 1}, "a.jsonl line 1");
        assertThatThrownBy(() -> config.checkFits(new int[] {0, 10}, "a.jsonl line 2"))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("a.jsonl line 2: token id 10");
        assertThatThrownBy(() -> config.checkFits(new int[5], "a.jsonl line 3"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("5 tokens");
    }

    @Test
    void startsWeightsAsTransformersDoes() {
        ModelConfig config = ModelConfig.llama(500, 64, 100, 1, 2, 1, 16, false);
        try (Transformer model = Transformer.create(
                config,
                EnumSet.of(Head.LANGUAGE, Head.SCALAR),
                new ReferenceKernels(DataType.FLOAT),
                CounterRandom.of(3))) {
            double squares = model.kernels().sumOfSquares(model.embedding());
            // 32,000 draws: the standard deviation's own standard error is 0.4 %.
            assertThat(Math.sqrt(squares / 32_000)).isCloseTo(0.02, within(0.0004));
            double scores = model.kernels().sumOfSquares(model.scalarHead().weight());
            assertThat(Math.sqrt(scores / 64)).isCloseTo(1 / Math.sqrt(65), within(0.04));
            assertThat(model.finalNorm().weight().get(0, 5)).isEqualTo(1);
        }
    }

    @Test
    void readsARewardModelFromALanguageModelWithAFreshHeadOnly(@TempDir Path temporary) {
        ReferenceKernels kernels = new ReferenceKernels(DataType.FLOAT);
        ModelConfig config = ModelConfig.llama(20, 8, 10, 1, 2, 1, 16, false);
        Path directory = temporary.resolve("language");
        try (Transformer model = Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            model.save(directory, Optional.empty());
        }
        assertThatThrownBy(() -> Transformer.load(directory, EnumSet.of(Head.SCALAR), kernels))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("score.weight");
        try (Transformer reward = Transformer.load(directory, EnumSet.of(Head.SCALAR), kernels, CounterRandom.of(4))) {
            reward.save(temporary.resolve("reward"), Optional.empty());
            assertThat(reward.huggingFaceConfig().isRewardModel()).isTrue();
            try (Transformer again = Transformer.load(temporary.resolve("reward"), EnumSet.of(Head.SCALAR), kernels)) {
                assertThat(again.scalarHead().weight().toArray())
                        .isEqualTo(reward.scalarHead().weight().toArray());
            }
        }
    }
}
