package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceConfigTest {
    @TempDir
    private Path directory;

    @Test
    void unknownKeysSurviveAndAbsentOnesAreNamed() throws IOException {
        HuggingFaceConfig config = config("{'future_key': {'x': [1, null]}, 'hidden_size': 64, 'head_dim': null}");
        assertThat(config.with("vocab_size", 12).tree().path("future_key").toString())
                .isEqualTo("{\"x\":[1,null]}");
        assertThat(config.getInt("hidden_size", 1, 100)).isEqualTo(64);
        assertThat(config.has("vocab_size")).isFalse();
        assertThat(config.getInt("head_dim", 1, 100, 8)).isEqualTo(8);
        assertError(() -> config.getInt("vocab_size", 1, 9), "config.json: vocab_size is missing");
    }

    @Test
    void wrongTypesAndRangesAreNamed() throws IOException {
        HuggingFaceConfig config = config("{'a': '64', 'b': 1.5, 'c': 0, 'd': 1e400, 'e': 'yes', 'model_type': 3}");
        assertError(() -> config.getInt("a", 1, 100), "a is \"64\", but must be a whole number in [1, 100]");
        assertError(() -> config.getInt("b", 1, 100), "b is 1.5");
        assertError(() -> config.getInt("c", 1, 100), "c is 0");
        assertError(() -> config.getDouble("d", 0, 1), "d is");
        assertError(() -> config.getBoolean("e", false), "e is \"yes\", but must be true or false");
        assertError(config::modelType, "model_type is 3");
    }

    @Test
    void oldAndNewSpellingsAreRead() throws IOException {
        assertThat(rope("{'rope_theta': 5e5}")).isEqualTo("{'rope_type':'default','rope_theta':500000.0}");
        assertThat(rope("{'rope_parameters': {'rope_theta': 6e5, 'rope_type': 'default'}}"))
                .isEqualTo("{'rope_theta':600000.0,'rope_type':'default'}");
        assertThat(rope("{}")).isEqualTo("{'rope_type':'default','rope_theta':1.0}");
        assertThat(rope("{'rope_scaling': {'type': 'linear', 'factor': 2}, 'rope_theta': 7}"))
                .isEqualTo("{'factor':2,'rope_type':'linear','rope_theta':7}");
        assertError(() -> rope("{'rope_parameters': 3}"), "rope_parameters is 3, but must be an object");
        assertThat(config("{'torch_dtype': 'bfloat16'}").dtype()).isEqualTo("bfloat16");
        assertThat(config("{'dtype': 'float16'}").dtype()).isEqualTo("float16");
        assertThat(config("{'dtype': 'float16'}")
                        .withDtype(FloatType.F32)
                        .tree()
                        .toString())
                .isEqualTo("{\"dtype\":\"float32\"}");
    }

    @Test
    void quantisedAndUnknownModelsAreRefused() throws IOException {
        assertError(
                () -> config("{'model_type': 'llama', 'quantization_config': {'quant_method': 'gptq'}}")
                        .requireModelType(Set.of("llama")),
                "gptq");
        assertError(
                () -> config("{'model_type': 'mamba'}").requireModelType(Set.of("llama", "gpt2")),
                "model_type is \"mamba\", which is not supported: it must be one of [gpt2, llama]");
    }

    @Test
    void aClassifierOfOneLabelIsARewardModel() throws IOException {
        String architecture = "'architectures': ['LlamaForSequenceClassification']";
        assertThat(config("{" + architecture + ", 'id2label': {'0': 'LABEL_0'}}")
                        .isRewardModel())
                .isTrue();
        assertThat(config("{" + architecture + ", 'num_labels': 1}").isRewardModel())
                .isTrue();
        assertThat(config("{" + architecture + "}").isRewardModel()).isFalse();
        assertThat(config("{'architectures': ['LlamaForCausalLM'], 'num_labels': 1}")
                        .isRewardModel())
                .isFalse();
        HuggingFaceConfig made =
                config("{'architectures': ['LlamaForCausalLM']}").withScalarHead("LlamaForSequenceClassification");
        assertThat(made.isRewardModel()).isTrue();
        assertThat(made.withLanguageModelHead("LlamaForCausalLM").tree().toString())
                .isEqualTo("{\"architectures\":[\"LlamaForCausalLM\"]}");
    }

    @Test
    void scoreStatisticsAreKeptInOurBlock() throws IOException {
        ScoreStatistics statistics = new ScoreStatistics(0.25, -1, 2);
        HuggingFaceConfig config = config("{'rlhf4j': {'other': 1}}");
        assertThat(config.scoreStatistics()).isEmpty();
        config.withScoreStatistics(statistics).write(directory.resolve("config.json"));
        assertThat(HuggingFaceConfig.read(directory).scoreStatistics()).hasValue(statistics);
        assertThat(HuggingFaceConfig.read(directory)
                        .tree()
                        .path("rlhf4j")
                        .path("other")
                        .asInt())
                .isEqualTo(1);
        assertError(() -> config("{'rlhf4j': {'score_std': 'x'}}").scoreStatistics(), "rlhf4j.score_std");
    }

    @Test
    void aFileThatIsNoJsonObjectIsNamed() throws IOException {
        assertError(() -> HuggingFaceConfig.read(directory), "config.json is missing");
        assertError(() -> config("{\n'a': }"), "line 2");
        assertError(() -> config("[]"), "JSON object");
    }

    @Test
    void tokenIdsMayBeLists() throws IOException {
        HuggingFaceConfig config = config("{'eos_token_id': [7, 8], 'bos_token_id': 1, 'pad_token_id': null}");
        assertThat(config.tokenId("eos_token_id")).hasValue(7);
        assertThat(config.tokenId("bos_token_id")).hasValue(1);
        assertThat(config.tokenId("pad_token_id")).isEmpty();
    }

    private String rope(String json) throws IOException {
        return config(json).ropeParameters(1).tree().toString().replace('"', '\'');
    }

    private HuggingFaceConfig config(String json) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, json.replace('\'', '"'));
        HuggingFaceConfig config = HuggingFaceConfig.read(directory);
        Files.delete(file);
        return config;
    }

    private static void assertError(ThrowingCallable action, String message) {
        assertThatThrownBy(action).isInstanceOf(UserError.class).hasMessageContaining(message);
    }
}
