package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and texts of Python's tokenizers, from generated texts of all kinds (tools/golden/small_tokenizers.py). */
class PythonTokenizersTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void textsHaveTheSameIds(String name) throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            for (JsonNode row : rows(name, "ids")) {
                assertThat(tokenizer.encode(row.get("text").textValue(), false))
                        .as(row.get("text").toString())
                        .isEqualTo(ints(row.get("ids")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void idsAreDecodedToTheSameTextWholeAndAsAStream(String name) throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            for (JsonNode row : rows(name, "decoded")) {
                int[] ids = ints(row.get("ids"));
                assertThat(tokenizer.decode(ids, true))
                        .isEqualTo(row.get("decoded").textValue());
                StreamingDecoder decoder = tokenizer.streamingDecoder();
                StringBuilder streamed = new StringBuilder();
                IntStream.of(ids).forEach(id -> streamed.append(decoder.push(id)));
                assertThat(streamed + decoder.finish())
                        .isEqualTo(row.get("decoded").textValue());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void specialTokensAreSplitInTheSameWay(String name) throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            for (JsonNode row : rows(name, "split")) {
                String text = row.get("text").textValue();
                assertThat(tokenizer.encode(text, false, true)).as(text).isEqualTo(ints(row.get("split")));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void markedTextStaysTextBetweenSpecialTokens(String name) throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            for (JsonNode row : rows(name, "chat")) {
                String text = row.get("text").textValue();
                String chat = "<|im_start|>user\n" + tokenizer.markSpecialTokens(text) + "<|im_end|>\n";
                TokenSpans tokens = tokenizer.encodeWithSpans(chat, true);
                assertThat(tokens.ids()).as(text).isEqualTo(ints(row.get("chat")));
                int end = tokens.tokenAt(chat.length() - 11, chat.length() - 1);
                assertThat(tokens.ids()[end])
                        .isEqualTo(tokenizer.id("<|im_end|>").orElseThrow());
            }
        }
    }

    private static List<JsonNode> rows(String name, String key) throws IOException, URISyntaxException {
        List<String> lines = Files.readAllLines(folder(name).resolve("expected.jsonl"));
        List<JsonNode> rows =
                MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(String.join("\n", lines)).readAll().stream()
                        .filter(row -> row.has(key))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(20);
        return rows;
    }

    private static Path folder(String name) throws URISyntaxException {
        URL url = Objects.requireNonNull(PythonTokenizersTest.class.getResource(name));
        return Path.of(url.toURI());
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }
}
