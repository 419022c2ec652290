package io.github.rlhf4j.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.gguf.GgufFile;
import io.github.rlhf4j.core.gguf.GgufType;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class GgufExportTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);

    @TempDir
    Path directory;

    @AfterAll
    static void close() {
        KERNELS.close();
    }

    private Path model(TinyModel model) {
        return model.write(directory.resolve("hf"));
    }

    private GgufExport.Result export(Path folder, GgufFormat format) {
        try (Transformer model = Transformer.load(folder, Set.of(Head.LANGUAGE), KERNELS)) {
            return new GgufExport(folder, format).write(model, "tiny", file());
        }
    }

    private Path file() {
        return directory.resolve("tiny.gguf");
    }

    private ModelConfig readBack() {
        return ModelConfig.from(HuggingFaceConfig.read(GgufModel.folder(file(), directory.resolve("cache"))));
    }

    private static Stream<TinyModel> variants() {
        return Stream.of(
                TinyModel.llama(),
                TinyModel.llama()
                        .with("tie_word_embeddings", false)
                        .with("attention_bias", true)
                        .with("mlp_bias", true),
                TinyModel.llama()
                        .with("head_dim", 12)
                        .with("num_attention_heads", 4)
                        .with("num_key_value_heads", 2),
                TinyModel.llama()
                        .with("rope_parameters", Map.of("rope_type", "linear", "factor", 2.0, "rope_theta", 500.0)),
                TinyModel.llama()
                        .with(
                                "rope_parameters",
                                Map.of(
                                        "rope_type",
                                        "llama3",
                                        "factor",
                                        8.0,
                                        "low_freq_factor",
                                        1.0,
                                        "high_freq_factor",
                                        4.0,
                                        "original_max_position_embeddings",
                                        24,
                                        "rope_theta",
                                        100.0)),
                TinyModel.of(Family.MISTRAL).with("sliding_window", null),
                TinyModel.of(Family.QWEN2),
                TinyModel.of(Family.QWEN3).with("tie_word_embeddings", false),
                TinyModel.of(Family.MIXTRAL),
                TinyModel.of(Family.GPT2));
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aFileOfFloatsComputesWhatItsModelComputes(TinyModel tiny) {
        Path folder = model(tiny);
        GgufExport.Result result = export(folder, GgufFormat.F32);
        assertThat(result.largestDifference()).isZero();
        assertThat(result.tokens()).isEqualTo(96);
        assertThat(result.warnings()).isEmpty();
        ModelConfig original = ModelConfig.from(HuggingFaceConfig.read(folder));
        ModelConfig read = readBack();
        assertThat(read.attention()).isEqualTo(original.attention());
        assertThat(read.feedForward()).isEqualTo(original.feedForward());
        assertThat(read.positions()).isEqualTo(original.positions());
        assertThat(read.norm()).isEqualTo(original.norm());
        assertThat(read.tiedEmbeddings()).isEqualTo(original.tiedEmbeddings());
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsCloseToItsModel(GgufFormat format) {
        Path folder = model(TinyModel.llama().with("hidden_size", 256).with("intermediate_size", 256));
        GgufExport.Result result = export(folder, format);
        // A random model's log-probs hardly depend on its weights; those of trained ones are in docs/gguf.md.
        assertThat(result.largestDifference()).isLessThan(format.type().isQuantised() ? 0.3 : 5e-3);
    }

    /** As llama-quantize Q4_K_M has it: more bits for the head, and for values and the second product of some layers. */
    @Test
    void tensorsHaveTheTypesThatLlamaQuantizeGivesThem() {
        Path folder = model(TinyModel.llama()
                .with("hidden_size", 256)
                .with("intermediate_size", 288)
                .with("num_hidden_layers", 4)
                .with("tie_word_embeddings", false));
        export(folder, GgufFormat.Q4_K);
        try (GgufFile file = GgufFile.open(file())) {
            assertThat(file.type("output.weight")).isEqualTo(GgufType.Q6_K);
            assertThat(file.type("token_embd.weight")).isEqualTo(GgufType.Q4_K);
            assertThat(file.type("blk.0.attn_norm.weight")).isEqualTo(GgufType.F32);
            assertThat(file.type("blk.0.attn_q.weight")).isEqualTo(GgufType.Q4_K);
            // use_more_bits of 4 layers: i >= 3 or i % 3 == 2.
            assertThat(List.of(0, 1, 2, 3).stream().map(i -> file.type("blk." + i + ".attn_v.weight")))
                    .containsExactly(GgufType.Q4_K, GgufType.Q4_K, GgufType.Q6_K, GgufType.Q6_K);
            // Rows of 288 are no whole blocks of 256: Q5_0 instead of Q4_K, Q8_0 instead of Q6_K.
            assertThat(List.of(0, 1, 2, 3).stream().map(i -> file.type("blk." + i + ".ffn_down.weight")))
                    .containsExactly(GgufType.Q5_0, GgufType.Q5_0, GgufType.Q8_0, GgufType.Q8_0);
        }
    }

    @Test
    void rowsThatAreNoBlocksAtAllAreHalves() {
        Path folder = model(TinyModel.llama());
        GgufExport.Result result = export(folder, GgufFormat.Q8_0);
        // C = 16; F = 32 alone is a block of 32.
        assertThat(result.types()).containsEntry(GgufType.Q8_0, 2).containsKeys(GgufType.F16, GgufType.F32);
    }

    @Test
    void theContextEndsWhereLlamaCppWouldComputeSomethingElse() {
        Path folder = model(TinyModel.of(Family.MISTRAL).with("sliding_window", 40));
        GgufExport.Result result = export(folder, GgufFormat.F32);
        assertThat(result.warnings()).singleElement().asString().contains("the window, 40 tokens");
        assertThat(result.largestDifference()).isZero();
        assertThat(result.tokens()).isEqualTo(40);
        assertThat(readBack().maxPositions()).isEqualTo(40);
    }

    @Test
    void dynamicScalingIsLeftOutWithinTheTrainedContext() {
        Path folder = model(TinyModel.llama()
                .with("rope_parameters", Map.of("rope_type", "dynamic", "factor", 2.0, "rope_theta", 10_000.0)));
        GgufExport.Result result = export(folder, GgufFormat.F32);
        assertThat(result.warnings()).singleElement().asString().contains("96 tokens");
        assertThat(result.largestDifference()).isZero();
    }

    @Test
    void numbersBeyondTheTypeAreRefused() {
        ModelConfig config = ModelConfig.from(HuggingFaceConfig.read(model(TinyModel.llama())));
        TensorEntry embedding = TensorEntry.of(
                "model.embed_tokens.weight", FloatBuffer.wrap(new float[] {1, 2, 65_519, -65_520}), 2, 2);
        write(embedding, config, GgufFormat.BF16);
        assertThatThrownBy(() -> write(embedding, config, GgufFormat.F16))
                .isInstanceOf(UserError.class)
                .hasMessage("the weight model.embed_tokens.weight has -65520.0, which is beyond the numbers of F16:"
                        + " write BF16 or F32");
        TensorEntry infinite =
                TensorEntry.of("model.norm.weight", FloatBuffer.wrap(new float[] {1, Float.POSITIVE_INFINITY}), 2);
        assertThatThrownBy(() -> write(infinite, config, GgufFormat.F32)).hasMessageContaining("is not finite");
    }

    private static void write(TensorEntry entry, ModelConfig config, GgufFormat format) {
        new TensorsToGguf(config, format).of(List.of(entry)).get(0).numbers().accept(piece -> {});
    }

    @Test
    void tokenizersOfAnotherKindAreRefused() throws IOException {
        Path folder = model(TinyModel.llama());
        changeTokenizer(
                folder,
                json -> json.set(
                        "pre_tokenizer", new ObjectMapper().createObjectNode().put("type", "Whitespace")));
        assertThatThrownBy(() -> export(folder, GgufFormat.F32))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("llama.cpp knows no such pre_tokenizer");
        model(TinyModel.llama());
        changeTokenizer(
                folder,
                json -> json.set(
                        "normalizer", new ObjectMapper().createObjectNode().put("type", "Lowercase")));
        assertThatThrownBy(() -> export(folder, GgufFormat.F32)).hasMessageContaining("no normaliser (Lowercase)");
    }

    private static void changeTokenizer(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        change.accept(json);
        Files.writeString(file, json.toString());
    }

    @Test
    void theSameModelHasTheSameBytes() throws IOException {
        Path folder = model(TinyModel.llama());
        export(folder, GgufFormat.Q4_K);
        byte[] once = Files.readAllBytes(file());
        export(folder, GgufFormat.Q4_K);
        assertThat(file()).hasBinaryContent(once);
    }
}
