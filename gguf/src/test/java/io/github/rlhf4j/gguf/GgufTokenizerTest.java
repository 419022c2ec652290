package io.github.rlhf4j.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.gguf.GgufMetadata;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokenizers as metadata, and back. */
class GgufTokenizerTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "The cat sat.",
            "  two  spaces\n\n\nlines\t",
            "1234 x 56",
            "It's we'll",
            "Zürich 東京 \ud83d\ude80",
            ReadBack.TEXT);

    @TempDir
    Path directory;

    private Path folder;
    private Path back;

    @BeforeEach
    void write() throws IOException {
        folder = TinyModel.llama().write(directory.resolve("hf"));
        back = Files.createDirectory(directory.resolve("back"));
    }

    private ObjectNode json() throws IOException {
        return (ObjectNode) MAPPER.readTree(folder.resolve("tokenizer.json").toFile());
    }

    private void change(ObjectNode json) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), json.toString());
    }

    private GgufMetadata metadata(int moreRows) throws IOException {
        GgufMetadata metadata = new GgufMetadata();
        metadata.putText("general.architecture", "llama");
        metadata.putInt("llama.context_length", 96);
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            new TokenizerToGguf(folder, json(), tokenizer, tokenizer.vocabSize() + moreRows, metadata).write();
        }
        return metadata;
    }

    private void requireTheSame() throws IOException {
        TokenizerFromGguf read = new TokenizerFromGguf(metadata(0));
        read.write(back);
        Files.writeString(back.resolve("generation_config.json"), "{\"eos_token_id\": " + read.stopIds() + "}");
        try (HuggingFaceTokenizer one = HuggingFaceTokenizer.open(folder);
                HuggingFaceTokenizer other = HuggingFaceTokenizer.open(back)) {
            assertThat(other.vocabSize()).isEqualTo(one.vocabSize());
            for (String text : TEXTS) {
                assertThat(other.encode(text, true)).as(text).isEqualTo(one.encode(text, true));
                int[] ids = one.encode(text, true);
                assertThat(other.decode(ids, true)).as(text).isEqualTo(one.decode(ids, true));
            }
            assertThat(other.bosId()).isEqualTo(one.bosId());
            assertThat(other.stopIds()).isEqualTo(one.stopIds());
            assertThat(other.padId()).isEqualTo(one.padId());
        }
    }

    @Test
    void byteLevelTokenizersComeBack() throws IOException {
        requireTheSame();
        assertThat(metadata(0).text("tokenizer.ggml.pre")).isEqualTo("gpt-2");
    }

    @Test
    void cutsOfOtherTokenizersAreRecognisedByTheirExpressions() throws IOException {
        for (String name : PreTokenizers.names()) {
            PreTokenizer pre = PreTokenizers.named(name).orElseThrow();
            ObjectNode json = json();
            json.set("pre_tokenizer", pre.toJson());
            ((ObjectNode) json.path("model")).put("ignore_merges", pre.ignoreMerges());
            change(json);
            String found = metadata(0).text("tokenizer.ggml.pre");
            assertThat(PreTokenizers.named(found).orElseThrow().splits()).isEqualTo(pre.splits());
            requireTheSame();
            Files.delete(back.resolve("tokenizer.json"));
        }
    }

    /** A word of several merges, bytes to fall back to, a space in front. */
    private void makeSentencePieces() throws IOException {
        ObjectNode json = json();
        ArrayNode added = MAPPER.createArrayNode();
        ObjectNode vocabulary = MAPPER.createObjectNode();
        for (String token : List.of("<unk>", "<s>", "</s>")) {
            added.addObject()
                    .put("id", vocabulary.size())
                    .put("content", token)
                    .put("special", true)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false);
            vocabulary.put(token, vocabulary.size());
        }
        for (int value = 0; value < 256; value++) {
            vocabulary.put(String.format("<0x%02X>", value), vocabulary.size());
        }
        ArrayNode merges = MAPPER.createArrayNode();
        for (String merge : List.of("t h", "\u2581 th", "\u2581th e", "a t", "c at")) {
            String[] parts = merge.split(" ");
            merges.addArray().add(parts[0]).add(parts[1]);
            vocabulary.put(parts[0] + parts[1], vocabulary.size());
        }
        for (String piece : List.of("\u2581", "t", "h", "e", "a", "c", "s", ".")) {
            vocabulary.put(piece, vocabulary.size());
        }
        json.set("added_tokens", added);
        json.set("normalizer", MAPPER.readTree("""
                {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""));
        json.putNull("pre_tokenizer");
        json.set("decoder", MAPPER.readTree("""
                {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""));
        ObjectNode model = (ObjectNode) json.path("model");
        model.put("unk_token", "<unk>").put("fuse_unk", true).put("byte_fallback", true);
        model.set("vocab", vocabulary);
        model.set("merges", merges);
        ObjectNode special =
                (ObjectNode) json.path("post_processor").path("special_tokens").path("<s>");
        special.putArray("ids").add(1);
        change(json);
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\", \"unk_token\": \"<unk>\", \"pad_token\": \"</s>\"}");
    }

    @Test
    void sentencePiecesComeBackWithTheirMergesInOrder() throws IOException {
        makeSentencePieces();
        requireTheSame();
        GgufMetadata metadata = metadata(0);
        assertThat(metadata.text("tokenizer.ggml.model")).isEqualTo("llama");
        double[] types = metadata.numbersIfThere("tokenizer.ggml.token_type").orElseThrow();
        assertThat(types).startsWith(2, 3, 3, 6); // unknown, control, control, byte
        JsonNode merges = MAPPER.readTree(back.resolve("tokenizer.json").toFile())
                .path("model")
                .path("merges");
        assertThat(merges).isEqualTo(json().path("model").path("merges"));
    }

    @Test
    void rowsWithoutTokensAreUnusedAndNoTokensWhenReadAgain() throws IOException {
        GgufMetadata metadata = metadata(3);
        List<String> tokens = metadata.textsIfThere("tokenizer.ggml.tokens").orElseThrow();
        int size = tokens.size();
        assertThat(tokens.get(size - 1)).isEqualTo("[PAD" + (size - 1) + "]");
        new TokenizerFromGguf(metadata).write(back);
        try (HuggingFaceTokenizer read = HuggingFaceTokenizer.open(back)) {
            assertThat(read.vocabSize()).isEqualTo(size - 3);
        }
    }

    @Test
    void templatesEndTokensAndAddedTokensComeBack() throws IOException {
        ObjectNode json = json();
        int size = json.path("model").path("vocab").size();
        ArrayNode added = (ArrayNode) json.path("added_tokens");
        added.addObject()
                .put("id", size)
                .put("content", "<|end|>")
                .put("special", true)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false);
        added.addObject()
                .put("id", size + 1)
                .put("content", "word")
                .put("special", false)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false);
        change(json);
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        Files.createDirectory(folder.resolve("additional_chat_templates"));
        Files.writeString(folder.resolve("additional_chat_templates/tool_use.jinja"), "x");
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [1, " + size + "]}");
        requireTheSame();
        GgufMetadata metadata = metadata(0);
        assertThat(metadata.integer("tokenizer.ggml.eot_token_id", 0, 9999)).isEqualTo(size);
        assertThat(metadata.numbersIfThere("tokenizer.ggml.token_type").orElseThrow())
                .endsWith(3, 4);
        try (HuggingFaceTokenizer read = HuggingFaceTokenizer.open(back)) {
            assertThat(read.chatTemplates())
                    .containsEntry("default", "{{ messages[0].content }}")
                    .containsEntry("tool_use", "x");
            assertThat(read.isSpecial(size)).isTrue();
            assertThat(read.isSpecial(size + 1)).isFalse();
            assertThat(read.encode("a word<|end|>", false)).contains(size, size + 1);
        }
    }

    @Test
    void whatCannotBeATokenizerIsSaidInOneLine() throws IOException {
        refused(metadata -> metadata.putText("tokenizer.ggml.model", "bert"), "tokenizer.ggml.model is \"bert\"");
        refused(metadata -> metadata.putText("tokenizer.ggml.pre", "x\ny"), "tokenizer.ggml.pre is \"x\\ny\"");
        refused(metadata -> metadata.putTexts("tokenizer.ggml.tokens", List.of()), "tokenizer.ggml.tokens must be");
        refused(metadata -> metadata.putInts("tokenizer.ggml.token_type", new double[] {1}), "as many values");
        refused(metadata -> metadata.putInt("tokenizer.ggml.eos_token_id", 1 << 20), "eos_token_id is 1048576");
        refused(metadata -> metadata.putTexts("tokenizer.ggml.merges", List.of("ab")), "must have two tokens");
        refused(metadata -> metadata.putText("tokenizer.ggml.merges", "a b"), "must be a list of texts");
    }

    private void refused(Consumer<GgufMetadata> change, String message) throws IOException {
        GgufMetadata metadata = metadata(0);
        change.accept(metadata);
        assertThatThrownBy(() -> new TokenizerFromGguf(metadata).write(back))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }
}
