package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of these files, unchecked, ends the JVM in the native library's panic as soon as a text is encoded (exit code 134). */
class TokenizerChecksTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    private String refusal(Consumer<ObjectNode> damage) throws IOException {
        ObjectNode tokenizer = (ObjectNode)
                MAPPER.readTree(Path.of("src/test/resources/io/github/rlhf4j/core/tokenizer/metaspace/tokenizer.json")
                        .toFile());
        damage.accept(tokenizer);
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
        Throwable[] thrown = new Throwable[1];
        assertThatThrownBy(() -> HuggingFaceTokenizer.open(folder).close())
                .isInstanceOf(UserError.class)
                .satisfies(e -> thrown[0] = e);
        return String.valueOf(thrown[0].getMessage()).replace(folder + "/", "");
    }

    private static ObjectNode object(ObjectNode node, String name) {
        return (ObjectNode) node.get(name);
    }

    @Test
    void textAfterTheEndOfAFileIsNoJson() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"</s>\"}\n_token\": 1}");
        assertThat(refusal(tokenizer -> {})).startsWith("tokenizer_config.json is not valid JSON");
    }

    @Test
    void aTemplateMustDeclareItsSpecialTokens() throws IOException {
        assertThat(refusal(tokenizer -> object(tokenizer, "post_processor").putObject("special_tokens")))
                .isEqualTo("tokenizer.json is damaged: post_processor.special_tokens does not have \"<s>\","
                        + " which its template names; fetch it again");
    }

    /** The library takes a part of the file for what it looks like, not for what it says that it is: found by Jazzer, which made it abort. */
    @Test
    void aTemplateUnderAnotherNameIsOne() throws IOException {
        assertThat(refusal(tokenizer -> {
                    ObjectNode processor = object(tokenizer, "post_processor");
                    processor.put("type", "RobertaProcessing").putObject("special_tokens");
                }))
                .startsWith("tokenizer.json is damaged: post_processor.special_tokens does not have \"<s>\"");
    }

    @Test
    void aTemplateOfOneTextHasNoSecond() throws IOException {
        assertThat(refusal(tokenizer -> {
                    ObjectNode processor = object(tokenizer, "post_processor");
                    processor.set("single", processor.get("pair").deepCopy());
                }))
                .contains("post_processor.single names a second text");
    }

    @Test
    void idsThatAreAddedAreInTheVocabulary() throws IOException {
        assertThat(refusal(tokenizer ->
                        ((ArrayNode) tokenizer.at("/post_processor/special_tokens/<s>/ids")).set(0, 99999)))
                .contains("post_processor adds id 99999, but the vocabulary has ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "AAA", "%", "BAAAAAEEAAA=", "/////w=="})
    void aMapOfCharactersIsOne(String map) throws IOException {
        assertThat(refusal(tokenizer -> {
                    ObjectNode all = tokenizer.putObject("normalizer").put("type", "Sequence");
                    all.putArray("normalizers")
                            .addObject()
                            .put("type", "Precompiled")
                            .put("precompiled_charsmap", map);
                }))
                .contains("precompiled_charsmap is no map of characters (");
    }

    @Test
    void aMapThatLeadsNowhereIsAMap() {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 256 * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0, 256 * 4);

        CharacterMap.check(Base64.getEncoder().encodeToString(bytes.array()));

        bytes.putInt(4, 1 << 10); // the root's children begin at unit 1, and 1 ^ 255 is 254: inside
        bytes.putInt(
                4 + 4 * (1 ^ 'a'), 'a' | 0x100 | (1 << 10)); // a text may end after an a, but its leaf is not there
        bytes.putInt(4 + 4 * (1 ^ 'a' ^ 1), 0x80000000 | 7);
        assertThatThrownBy(() -> CharacterMap.check(Base64.getEncoder().encodeToString(bytes.array())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("it leads to text 7 of 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"very long indeed", "é"})
    void mergesHaveThePrefixOfContinuedWords(String prefix) throws IOException {
        assertThat(refusal(tokenizer -> object(tokenizer, "model").put("continuing_subword_prefix", prefix)))
                .contains("which does not begin with the continuing_subword_prefix");
    }

    @Test
    void aDecoderThatStripsTheEndsOfTokensIsRefused() throws IOException {
        assertThat(refusal(tokenizer -> tokenizer
                        .putObject("decoder")
                        .put("type", "Strip")
                        .put("content", "a")
                        .put("start", 0)
                        .put("stop", 1)))
                .contains("its decoder strips the ends of tokens (\"stop\": 1)");
    }

    @Test
    void addedTokensAreAListOfObjects() throws IOException {
        assertThat(refusal(tokenizer -> tokenizer.put("added_tokens", 3))).contains("\"added_tokens\" must be a list");
        assertThat(refusal(tokenizer -> tokenizer.putArray("added_tokens").add("x")))
                .contains("\"added_tokens\" must hold objects, but holds one string");
    }

    @Test
    void aTokenThatIsAddedHasTheIdThatTheLibraryGivesIt() throws IOException {
        ObjectNode tokenizer = (ObjectNode)
                MAPPER.readTree(Path.of("src/test/resources/io/github/rlhf4j/core/tokenizer/metaspace/tokenizer.json")
                        .toFile());
        int size = tokenizer.withArray("added_tokens").findValues("id").stream()
                        .mapToInt(JsonNode::intValue)
                        .max()
                        .orElseThrow()
                + 1;
        ObjectNode token =
                tokenizer.withArray("added_tokens").addObject().put("id", 3).put("content", "<|new|>");
        token.put("special", true).put("single_word", false).put("lstrip", false);
        token.put("rstrip", false).put("normalized", false);
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());

        try (HuggingFaceTokenizer opened = HuggingFaceTokenizer.open(folder)) {
            assertThat(opened.encode("<|new|>", false)).containsExactly(size);
            assertThat(opened.id("<|new|>")).hasValue(size);
            assertThat(opened.vocabSize()).isEqualTo(size + 1);
        }
    }

    @Test
    void nothingIsRandom() throws IOException {
        ObjectNode tokenizer = (ObjectNode)
                MAPPER.readTree(Path.of("src/test/resources/io/github/rlhf4j/core/tokenizer/metaspace/tokenizer.json")
                        .toFile());
        object(tokenizer, "model").put("dropout", 0.9);
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());

        try (HuggingFaceTokenizer opened = HuggingFaceTokenizer.open(folder)) {
            int[] ids = opened.encode("the same text has the same ids", false);
            for (int i = 0; i < 20; i++) {
                assertThat(opened.encode("the same text has the same ids", false))
                        .isEqualTo(ids);
            }
        }
    }
}
