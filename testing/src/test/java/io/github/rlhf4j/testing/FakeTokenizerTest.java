package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FakeTokenizerTest {
    private final FakeTokenizer tokenizer = new FakeTokenizer(List.of("<s>", "</s>", "the", "sky"), Set.of(0, 1))
            .bos(0)
            .eos(1);

    @Test
    void readsWordsAndWritesThem() {
        int[] ids = tokenizer.encode("the sky the", true);

        assertThat(ids).containsExactly(0, 2, 3, 2);
        assertThat(tokenizer.decode(ids, true)).isEqualTo("the sky the");
        assertThat(tokenizer.decode(ids, false)).isEqualTo("<s> the sky the");
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.push(id));
        }
        assertThat(text.append(decoder.finish())).hasToString("the sky the");
        assertThat(tokenizer.stopIds()).containsExactly(1);
    }

    @Test
    void unknownWordsAreItsUnknownTokenOrAMistake() {
        assertThat(tokenizer.unk(3).encode("a", false)).containsExactly(3);
        assertThatThrownBy(() -> tokenizer.encode("a", false)).hasMessage("no token a");
        assertThat(FakeTokenizer.numbers(40).encode("7 39 40", true)).containsExactly(1, 7, 39, 0);
    }
}
