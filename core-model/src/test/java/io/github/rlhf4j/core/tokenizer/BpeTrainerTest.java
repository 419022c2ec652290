package io.github.rlhf4j.core.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
    @TempDir
    private Path directory;

    /** Pairs: ab 5 (3 + 2), bc 2; so ab first, then (ab, c) 2. */
    @Test
    void joinsTheMostFrequentPairFirst() {
        BpeTokenizerFiles files =
                BpeTrainer.train(List.of("ab", "ab", "ab", "abc", "abc").iterator(), 260, List.of());
        files.writeTo(directory, Optional.empty());
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.vocabSize()).isEqualTo(260);
            assertThat(tokenizer.token(258)).isEqualTo("ab");
            assertThat(tokenizer.token(259)).isEqualTo("abc");
            assertThat(tokenizer.encode("abcab", true)).containsExactly(0, 259, 258);
        }
    }

    @Test
    void pairsOfOneFrequencyAreJoinedInTheOrderOfTheirIds() {
        BpeTrainer.train(List.of("zy", "ab").iterator(), 260, List.of()).writeTo(directory, Optional.empty());
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.token(258)).isEqualTo("ab");
            assertThat(tokenizer.token(259)).isEqualTo("zy");
        }
    }

    @Test
    void specialTokensAreFirstAndNeverComeOutOfOrdinaryText() {
        List<String> texts = Collections.nCopies(50, "<s><s> [x] <s>");
        BpeTrainer.train(texts.iterator(), 400, List.of("[x]")).writeTo(directory, Optional.of("template"));
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            assertThat(tokenizer.id("<s>")).hasValue(0);
            assertThat(tokenizer.id("</s>")).hasValue(1);
            assertThat(tokenizer.id("[x]")).hasValue(2);
            assertThat(tokenizer.encode("<s>[x]", false, true)).doesNotContain(0, 1, 2);
            assertThat(tokenizer.chatTemplate()).hasValue("template");
        }
    }

    @Test
    void theOrderOfTheTextsDoesNotMatterAndAnyTextComesBack() throws IOException {
        List<String> texts = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            texts.add("word" + random.nextInt(40) + " é🙂 it's " + random.nextInt(1000) + "\n\n  end");
        }
        BpeTrainer.train(texts.iterator(), 500, List.of()).writeTo(directory.resolve("a"), Optional.empty());
        Collections.shuffle(texts, random);
        BpeTrainer.train(texts.iterator(), 500, List.of()).writeTo(directory.resolve("b"), Optional.empty());
        assertThat(Files.readString(directory.resolve("a/tokenizer.json")))
                .isEqualTo(Files.readString(directory.resolve("b/tokenizer.json")));
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory.resolve("a"))) {
            String text = "  unseen: 漢字 \t\u00a0 word7's\r\n";
            assertThat(tokenizer.decode(tokenizer.encode(text, false), false)).isEqualTo(text);
        }
    }

    @Test
    void aVocabularyTooSmallForTheBytesIsRefused() {
        assertThatThrownBy(() -> BpeTrainer.train(List.of("a").iterator(), 258, List.of("<pad>")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("259");
        assertThat(BpeTrainer.train(List.of("ab").iterator(), 1000, List.of()).vocabSize())
                .isEqualTo(259);
    }
}
