package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two tokenizers written here: byte-level BPE as {@link BpeTrainer} writes it, and a SentencePiece-like one that puts a
 * space in front and falls back to bytes, whose ids follow from its three merges.
 */
class HuggingFaceTokenizerTest {
    @TempDir
    private Path directory;

    @Test
    void aTextThatBeginsWithBosDoesNotGetAnother() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            assertThat(tokenizer.encode("a", true)).containsExactly(0, idOf(tokenizer, "a"));
            assertThat(tokenizer.encode("<s>a", true)).containsExactly(0, idOf(tokenizer, "a"));
            assertThat(tokenizer.encode("<s>a", false)).containsExactly(0, idOf(tokenizer, "a"));
            assertThat(tokenizer.encode("<s>", true)).containsExactly(0);
            assertThat(tokenizer.encode("", true)).containsExactly(0);
        }
    }

    @Test
    void specialTokensInATextAreTokensUnlessSplit() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            assertThat(tokenizer.encode("a</s>", false)).containsExactly(idOf(tokenizer, "a"), 1);
            int[] split = tokenizer.encode("a</s>", false, true);
            assertThat(split).hasSize(5).doesNotContain(1);
            assertThat(tokenizer.decode(split, true)).isEqualTo("a</s>");
            assertThat(tokenizer.encode("<s>", true, true)).hasSize(4).startsWith(0);
        }
    }

    @Test
    void theEndTokenEndsATextAlsoWhereItIsThePaddingToken() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{'pad_token': '</s>'}")) {
            assertThat(tokenizer.padId()).hasValue(1);
            assertThat(tokenizer.eosId()).hasValue(1);
            assertThat(tokenizer.stopIds()).containsExactly(1);
            assertThat(tokenizer.encode("a</s>", true)).endsWith(1);
        }
    }

    @Test
    void nothingIsCutOrPaddedWhateverTheFileSays() throws IOException {
        writeByteLevel("{}");
        Path file = directory.resolve("tokenizer.json");
        String json = Files.readString(file)
                .replace(
                        "\"truncation\" : null",
                        "\"truncation\" : {\"direction\":\"Right\",\"max_length\":4,"
                                + "\"strategy\":\"LongestFirst\",\"stride\":0}")
                .replace(
                        "\"padding\" : null",
                        "\"padding\" : {\"strategy\":{\"Fixed\":900},\"direction\":\"Right\","
                                + "\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"<s>\"}");
        assertThat(json).contains("max_length").contains("Fixed");
        Files.writeString(file, json);
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.encode("x".repeat(700), false)).hasSize(700);
            assertThat(tokenizer.encode("x", false)).hasSize(1);
        }
    }

    @Test
    void loneSurrogatesAreReplacedAndPairsKept() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            String text = "a\uD83Db\uDE42 \uD83D\uDE42\u0000\uD83D";
            assertThat(tokenizer.decode(tokenizer.encode(text, false), false))
                    .isEqualTo("a\uFFFDb\uFFFD \uD83D\uDE42\u0000\uFFFD");
        }
    }

    @Test
    void generationConfigAddsStopTokensAndServesWhereTheTokenizerNamesNoEnd() throws IOException {
        writeByteLevel("{}");
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [2, 1, 99999]}");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.stopIds()).containsExactly(1, 2);
        }
        Files.writeString(directory.resolve("tokenizer_config.json"), "{}");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.eosId()).hasValue(2);
            assertThat(tokenizer.bosId()).isEmpty();
        }
    }

    @Test
    void aSentencePieceLikeTokenizerPutsASpaceInFrontAndFallsBackToBytes() throws IOException {
        try (HuggingFaceTokenizer tokenizer = spaceInFront()) {
            int ab = idOf(tokenizer, "▁ab");
            assertThat(tokenizer.encode("ab", true)).containsExactly(1, ab);
            assertThat(tokenizer.encode("<s>ab", true)).containsExactly(1, ab);
            assertThat(tokenizer.encode("é", false)).containsExactly(idOf(tokenizer, "▁"), 3 + 0xC3, 3 + 0xA9);
            assertThat(tokenizer.decode(new int[] {1, ab, ab, 2}, true)).isEqualTo("ab ab");
            assertThat(tokenizer.decode(new int[] {1, ab, 2}, false)).isEqualTo("<s> ab</s>");
        }
    }

    @Test
    void chatTemplatesAreNamedByListsAndByFiles() throws IOException {
        String list =
                "{'chat_template': [{'name': 'default', 'template': 'a'}, {'name': 'tool_use', 'template': 'b'}]}";
        try (HuggingFaceTokenizer tokenizer = byteLevel(list)) {
            assertThat(tokenizer.chatTemplates()).isEqualTo(Map.of("default", "a", "tool_use", "b"));
        }
        Files.writeString(directory.resolve("chat_template.jinja"), "c");
        Path additional = Files.createDirectory(directory.resolve("additional_chat_templates"));
        Files.writeString(additional.resolve("rag.jinja"), "d");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.chatTemplates()).isEqualTo(Map.of("default", "c", "rag", "d"));
            assertThat(tokenizer.chatTemplate()).contains("c");
        }
    }

    @Test
    void streamedPiecesJoinToTheDecodedTextForAnyIds() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            assertStreamsLikeDecode(tokenizer);
        }
        try (HuggingFaceTokenizer tokenizer = spaceInFront()) {
            assertStreamsLikeDecode(tokenizer);
        }
    }

    @Test
    void idsOfRowsBeyondTheVocabularyHaveNoText() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            int[] ids = tokenizer.encode("a b", false);
            int[] more = IntStream.concat(
                            IntStream.of(tokenizer.vocabSize()),
                            IntStream.of(ids).flatMap(id -> IntStream.of(id, 1 << 30)))
                    .toArray();
            assertThat(tokenizer.decode(more, false)).isEqualTo("a b");
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            String pieces = IntStream.of(more).mapToObj(decoder::push).collect(Collectors.joining());
            assertThat(pieces + decoder.finish()).isEqualTo("a b");
            assertThat(tokenizer.token(1 << 30)).isEmpty();
        }
    }

    private static void assertStreamsLikeDecode(Tokenizer tokenizer) {
        Random random = new Random(5);
        for (int round = 0; round < 300; round++) {
            int[] ids = random.ints(25, 0, tokenizer.vocabSize()).toArray();
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                text.append(decoder.push(id));
            }
            text.append(decoder.finish());
            assertThat(text.toString()).isEqualTo(tokenizer.decode(ids, true));
        }
    }

    @Test
    void aCharacterIsStreamedWhenItsLastByteArrives() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            int[] ids = tokenizer.encode("a🙂b", false);
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            List<String> pieces = IntStream.of(ids)
                    .mapToObj(decoder::push)
                    .filter(piece -> !piece.isEmpty())
                    .toList();
            assertThat(pieces).containsExactly("a", "🙂", "b");
            assertThat(decoder.finish()).isEmpty();
        }
    }

    @Test
    void severalThreadsShareATokenizer() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            String text = "some words and </s> more 🙂";
            int[] expected = tokenizer.encode(text, true);
            assertThat(IntStream.range(0, 400).parallel().mapToObj(i -> tokenizer.encode(text, true)))
                    .allSatisfy(ids -> assertThat(ids).containsExactly(expected));
        }
    }

    @Test
    void theChatTemplateOfItsOwnFileComesFirst() throws IOException {
        writeByteLevel("{'chat_template': 'from config'}");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.chatTemplate()).hasValue("from config");
        }
        Files.writeString(directory.resolve("chat_template.jinja"), "from file");
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.chatTemplate()).hasValue("from file");
        }
    }

    @Test
    void errorsNameTheFile() throws IOException {
        assertThatThrownBy(() -> HuggingFaceTokenizer.open(directory))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("tokenizer.json is missing");
        Files.writeString(
                directory.resolve("tokenizer.json"), "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}}}");
        assertThatThrownBy(() -> HuggingFaceTokenizer.open(directory))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("tokenizer.json");
        Files.writeString(directory.resolve("tokenizer.json"), "{");
        assertThatThrownBy(() -> HuggingFaceTokenizer.open(directory))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not valid JSON");
        writeByteLevel("{'eos_token': '<end>'}");
        assertThatThrownBy(() -> HuggingFaceTokenizer.open(directory))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("<end>");
    }

    @Test
    void idsBelowZeroAreRefused() throws IOException {
        try (HuggingFaceTokenizer tokenizer = byteLevel("{}")) {
            assertThatThrownBy(() -> tokenizer.decode(new int[] {-1}, false))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tokenizer.token(-1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private HuggingFaceTokenizer byteLevel(String config) throws IOException {
        writeByteLevel(config);
        return HuggingFaceTokenizer.open(directory);
    }

    /** 256 bytes, {@code <s>}, {@code </s>}, {@code <pad>}; with the config's keys on top of bos and eos. */
    private void writeByteLevel(String config) throws IOException {
        BpeTrainer.train(Stream.<String>of().iterator(), 259, List.of("<pad>")).writeTo(directory, Optional.empty());
        String keys = config.replace('\'', '"').replaceAll("^\\{", "").trim();
        String named = (config.contains("eos_token") ? "" : "\"eos_token\": \"</s>\", ") + "\"bos_token\": \"<s>\"";
        Files.writeString(
                directory.resolve("tokenizer_config.json"), "{" + named + (keys.equals("}") ? "}" : ", " + keys));
    }

    private HuggingFaceTokenizer spaceInFront() throws IOException {
        StringBuilder vocab = new StringBuilder("\"<unk>\":0,\"<s>\":1,\"</s>\":2");
        for (int value = 0; value < 256; value++) {
            vocab.append(String.format(",\"<0x%02X>\":%d", value, 3 + value));
        }
        String[] pieces = {"▁", "a", "b", "▁a", "▁ab"};
        for (int i = 0; i < pieces.length; i++) {
            vocab.append(String.format(",\"%s\":%d", pieces[i], 259 + i));
        }
        String added = Stream.of("0 <unk>", "1 <s>", "2 </s>")
                .map(each -> each.split(" "))
                .map(each -> "{'id':" + each[0] + ",'content':'" + each[1] + "','special':true,'single_word':false,"
                        + "'lstrip':false,'rstrip':false,'normalized':false}")
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
        String json = ("{'version':'1.0','truncation':null,'padding':null,'added_tokens':[" + added + "],"
                        + "'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
                        + "{'type':'Replace','pattern':{'String':' '},'content':'▁'}]},'pre_tokenizer':null,"
                        + "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>',"
                        + "'type_id':0}},{'Sequence':{'id':'A','type_id':0}}],'pair':[{'Sequence':{'id':'A','type_id':0}},"
                        + "{'Sequence':{'id':'B','type_id':1}}],"
                        + "'special_tokens':{'<s>':{'id':'<s>','ids':[1],'tokens':['<s>']}}},"
                        + "'decoder':{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},"
                        + "'content':' '},{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ',"
                        + "'start':1,'stop':0}]},'model':{'type':'BPE','dropout':null,'unk_token':'<unk>',"
                        + "'continuing_subword_prefix':null,'end_of_word_suffix':null,'fuse_unk':true,"
                        + "'byte_fallback':true,'ignore_merges':false,'vocab':{VOCAB},'merges':['▁ a','▁a b']}}")
                .replace('\'', '"')
                .replace("VOCAB", vocab);
        Files.writeString(directory.resolve("tokenizer.json"), json);
        Files.writeString(
                directory.resolve("tokenizer_config.json"),
                "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": \"</s>\", \"unk_token\": \"<unk>\"}");
        return HuggingFaceTokenizer.open(directory);
    }

    private static int idOf(Tokenizer tokenizer, String token) {
        return tokenizer.id(token).orElseThrow();
    }
}
