package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
    @TempDir
    private Path directory;

    @Test
    void aWholeDirectoryIsWrittenAndReadBack() throws IOException {
        Path tokenizer = Files.createDirectory(directory.resolve("tokenizer"));
        Files.write(tokenizer.resolve("tokenizer.json"), new byte[] {'{', '}', '\r', '\n'});
        Files.writeString(tokenizer.resolve("chat_template.jinja"), "x");
        Files.writeString(tokenizer.resolve("config.json"), "not copied");
        HuggingFaceConfig config =
                HuggingFaceConfig.create("llama", "LlamaForCausalLM").with("eos_token_id", 2);
        Path target = directory.resolve("model");
        ModelDirectory.write(target, ModelDirectory.Contents.of(config, weights(), tokenizer));

        ModelDirectory model = ModelDirectory.open(target);
        assertThat(model.config().modelType()).isEqualTo("llama");
        assertThat(model.config().dtype()).isEqualTo("float32");
        assertThat(model.generationConfig().orElseThrow().toString()).isEqualTo("{\"eos_token_id\":2}");
        assertThat(model.hasTokenizer()).isTrue();
        assertThat(target.resolve("tokenizer.json")).hasBinaryContent(new byte[] {'{', '}', '\r', '\n'});
        assertThat(target.resolve("chat_template.jinja")).hasContent("x");
        try (TensorReader reader = model.openWeights()) {
            assertThat(reader.names()).containsExactly("w");
        }
    }

    @Test
    void writingTwiceGivesTheSameBytes() throws IOException {
        HuggingFaceConfig config = HuggingFaceConfig.create("llama", "LlamaForCausalLM");
        ModelDirectory.Contents contents = ModelDirectory.Contents.of(config, weights(), directory);
        ModelDirectory.write(directory.resolve("a"), contents);
        ModelDirectory.write(directory.resolve("b"), contents);
        ModelDirectory.write(directory.resolve("b"), contents);
        assertThat(AtomicFiles.sha256OfDirectory(directory.resolve("a")))
                .isEqualTo(AtomicFiles.sha256OfDirectory(directory.resolve("b")));
    }

    @Test
    void aPathThatIsNoModelIsNamed() {
        assertThatThrownBy(() -> ModelDirectory.open(directory.resolve("gone")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("gone does not exist");
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("config.json is missing");
    }

    private static List<TensorEntry> weights() {
        return List.of(TensorEntry.of("w", FloatBuffer.wrap(new float[] {1, 2, 3, 4}), 2, 2));
    }
}
