package io.github.rlhf4j.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.gguf.GgufFile;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.gguf.GgufType;
import io.github.rlhf4j.core.gguf.GgufWriter;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as models: hand-made ones, changed ones, and what is wrong with them. */
class GgufModelTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);

    @TempDir
    Path directory;

    private Path file;

    @AfterAll
    static void close() {
        KERNELS.close();
    }

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("made.gguf");
        write(metadata -> {}, List.of());
    }

    /** A Llama of one layer by hand: C = 4, H = 2, D = 2, F = 3, five tokens. */
    private void write(Consumer<GgufMetadata> change, List<GgufWriter.Tensor> more) throws IOException {
        GgufMetadata metadata = new GgufMetadata();
        metadata.putText("general.architecture", "llama");
        metadata.putInt("llama.block_count", 1);
        metadata.putInt("llama.context_length", 8);
        metadata.putInt("llama.embedding_length", 4);
        metadata.putInt("llama.feed_forward_length", 3);
        metadata.putInt("llama.attention.head_count", 2);
        metadata.putFloat("llama.attention.layer_norm_rms_epsilon", 1e-5);
        metadata.putText("tokenizer.ggml.model", "gpt2");
        metadata.putText("tokenizer.ggml.pre", "gpt-2");
        metadata.putTexts("tokenizer.ggml.tokens", List.of("<s>", "</s>", "a", "b", "ab"));
        metadata.putInts("tokenizer.ggml.token_type", new double[] {3, 3, 1, 1, 1});
        metadata.putTexts("tokenizer.ggml.merges", List.of("a b"));
        metadata.putInt("tokenizer.ggml.bos_token_id", 0);
        metadata.putInt("tokenizer.ggml.eos_token_id", 1);
        metadata.putFlag("tokenizer.ggml.add_bos_token", true);
        change.accept(metadata);
        List<GgufWriter.Tensor> tensors = new ArrayList<>(List.of(
                tensor("token_embd.weight", 5, 4),
                tensor("blk.0.attn_norm.weight", 4),
                tensor("blk.0.attn_q.weight", 4, 4),
                tensor("blk.0.attn_k.weight", 4, 4),
                tensor("blk.0.attn_v.weight", 4, 4),
                tensor("blk.0.attn_output.weight", 4, 4),
                tensor("blk.0.ffn_norm.weight", 4),
                tensor("blk.0.ffn_gate.weight", 3, 4),
                tensor("blk.0.ffn_up.weight", 3, 4),
                tensor("blk.0.ffn_down.weight", 4, 3),
                tensor("output_norm.weight", 4)));
        tensors.addAll(more);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            GgufWriter.write(channel, metadata, tensors);
        }
    }

    /** 0, 1, 2, ... */
    private static GgufWriter.Tensor tensor(String name, long... shape) {
        int size = 1;
        for (long each : shape) {
            size *= (int) each;
        }
        float[] numbers = new float[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = i;
        }
        return new GgufWriter.Tensor(name, GgufType.F32, shape, sink -> sink.accept(FloatBuffer.wrap(numbers)));
    }

    private Path folder() {
        return GgufModel.folder(file, directory.resolve("cache"));
    }

    @Test
    void theFolderHasWhatTheFileSays() throws IOException {
        Path folder = folder();
        ModelConfig config = ModelConfig.from(HuggingFaceConfig.read(folder));
        assertThat(config.hiddenSize()).isEqualTo(4);
        assertThat(config.vocabSize()).isEqualTo(5);
        assertThat(config.keyValueHeads()).isEqualTo(2);
        assertThat(config.headDim()).isEqualTo(2);
        assertThat(config.norm().epsilon()).isEqualTo(1e-5);
        assertThat(config.tiedEmbeddings()).isTrue();
        assertThat(Files.readString(folder.resolve("generation_config.json"))).contains("\"eos_token_id\" : 1");
        assertThat(folder.getFileName().toString()).startsWith("made-");
        assertThat(folder()).isEqualTo(folder); // made once
    }

    /** With D = 2 a head's rows stay; with D = 4 stored rows 0, 1, 2, 3 are Hugging Face's 0, 2, 1, 3. */
    @Test
    void rowsOfQueriesAreInHuggingFacesOrder() throws IOException {
        write(metadata -> metadata.putInt("llama.attention.head_count", 1), List.of());
        try (TensorReader reader = ModelDirectory.open(folder()).openWeights()) {
            float[] rows = new float[16];
            reader.read("model.layers.0.self_attn.q_proj.weight", FloatBuffer.wrap(rows));
            assertThat(rows).containsExactly(0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15);
            reader.read("model.layers.0.self_attn.v_proj.weight", FloatBuffer.wrap(rows));
            assertThat(rows).startsWith(0, 1, 2, 3, 4, 5);
            float[] piece = new float[2];
            reader.read("model.layers.0.self_attn.k_proj.weight", 5, FloatBuffer.wrap(piece));
            assertThat(piece).containsExactly(9, 10);
        }
    }

    @Test
    void anotherHeaderIsAnotherFolder() throws IOException {
        Path first = folder();
        write(metadata -> metadata.putInt("llama.context_length", 9), List.of());
        assertThat(folder()).isNotEqualTo(first);
    }

    @Test
    void whatIsNoModelOfOursIsSaidInOneLine() throws IOException {
        refused(metadata -> metadata.putText("general.architecture", "mamba"), "\"mamba\", which is not supported");
        refused(metadata -> metadata.putInt("llama.block_count", 0), "llama.block_count is 0");
        refused(metadata -> metadata.putText("llama.embedding_length", "x"), "embedding_length is x, but must be");
        refused(metadata -> metadata.putInt("llama.attention.head_count_kv", 3), "multiple of num_key_value_heads");
        refused(metadata -> metadata.putFloat("llama.attention.layer_norm_rms_epsilon", Double.NaN), "a finite number");
        refused(metadata -> metadata.putFloat("llama.rope.freq_base", -1), "freq_base is -1.0, but must be > 0");
        refused(metadata -> metadata.putText("llama.rope.scaling.type", "yarn"), "\"yarn\", which is not supported");
        refused(
                metadata -> metadata.putInt("llama.rope.dimension_count", 1),
                "rope.dimension_count is 1, but must be 2");
        refused(metadata -> metadata.putInt("llama.attention.value_length", 5), "value_length is 5, but must be 2");
    }

    private void refused(Consumer<GgufMetadata> change, String message) throws IOException {
        write(change, List.of());
        assertThatThrownBy(this::folder)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void tensorsThatDoNotFitAreNamed() throws IOException {
        write(metadata -> {}, List.of(tensor("blk.0.attn_sinks.weight", 2)));
        assertThatThrownBy(this::load).isInstanceOf(UserError.class).hasMessageContaining("blk.0.attn_sinks.weight");
        write(metadata -> metadata.putInt("llama.feed_forward_length", 4), List.of());
        assertThatThrownBy(this::load).isInstanceOf(UserError.class).hasMessageContaining("has the shape [3, 4]");
        write(metadata -> {}, List.of(tensor("rope_freqs.weight", 7)));
        assertThatThrownBy(this::load).hasMessageContaining("must have 1 numbers");
        write(metadata -> {}, List.of(tensor("blk.0.attn_q.bias", 4)));
        assertThatThrownBy(this::load).hasMessageContaining("biases on queries but not on the output");
    }

    private void load() {
        Transformer.load(folder(), Set.of(Head.LANGUAGE), KERNELS).close();
    }

    /** A model's file with a changed bit anywhere in front of its numbers is a model, or is refused in one line. */
    @Test
    void noChangedBitDoesAnythingElse() throws IOException {
        Path hf = TinyModel.llama().write(directory.resolve("hf"));
        try (Transformer model = Transformer.load(hf, Set.of(Head.LANGUAGE), KERNELS)) {
            new GgufExport(hf, GgufFormat.Q8_0).write(model, "x", file);
        }
        byte[] bytes = Files.readAllBytes(file);
        long header;
        try (GgufFile open = GgufFile.open(file)) {
            header = open.headerBytes();
        }
        for (int at = 0; at < header; at += 23) {
            byte[] changed = bytes.clone();
            changed[at] ^= (byte) (1 << at % 8);
            Files.write(file, changed);
            assertThatCode(() -> {
                        try {
                            load();
                        } catch (UserError e) {
                            assertThat(e.getMessage()).doesNotContain("\n");
                        }
                    })
                    .as("byte %d", at)
                    .doesNotThrowAnyException();
        }
    }
}
