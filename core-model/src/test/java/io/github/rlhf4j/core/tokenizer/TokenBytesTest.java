package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBytesTest {
    private static final List<String> TEXTS = List.of(
            "Hello world, how are you?",
            " leading and  double  spaces ",
            "line\nfeeds\n\nand\ttabs",
            "na\u00efve \u00fcber \u00df",
            "\u65e5\u672c\u8a9e and \ud83d\ude00 emoji \ud83e\uddd1\u200d\ud83d\ude80",
            "x=1;y<2&&z>=3",
            "");

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void theBytesOfATextsTokensAreThoseOfTheText(String name) throws URISyntaxException {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            TokenBytes bytes = new TokenBytes(tokenizer);
            for (String text : TEXTS) {
                int[] ids = tokenizer.encode(text, false);
                int sum = 0;
                for (int i = 0; i < ids.length; i++) {
                    sum += i == 0 ? bytes.first(ids[i]) : bytes.of(ids[i]);
                }
                String decoded = tokenizer.decode(ids, false);
                assertThat(sum).as(text).isEqualTo(decoded.getBytes(StandardCharsets.UTF_8).length);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-level", "metaspace"})
    void specialTokensAreNoText(String name) throws URISyntaxException {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder(name))) {
            int end = tokenizer.id("<|im_end|>").orElseThrow();
            TokenBytes bytes = new TokenBytes(tokenizer);
            assertThat(bytes.isText(end)).isFalse();
            assertThat(bytes.of(end)).isZero();
            assertThat(bytes.first(end)).isZero();
        }
    }

    private static Path folder(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(TokenBytesTest.class.getResource(name)).toURI());
    }
}
