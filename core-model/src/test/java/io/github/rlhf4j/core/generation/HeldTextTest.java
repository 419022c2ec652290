package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeldTextTest {
    @Test
    void whatMayBeginAStopStringIsHeldBackUntilItIsDecided() {
        HeldText text = new HeldText(List.of("User:", "\n\n"));
        assertThat(text.push("Hi Us")).isEqualTo("Hi ");
        assertThat(text.push("age\n")).isEqualTo("Usage");
        assertThat(text.push("U")).isEqualTo("\n");
        assertThat(text.push("ser: x")).isEmpty();
        assertThat(text.push("more")).isEmpty();
        assertThat(text.finish()).isEmpty();
    }

    @Test
    void whatWasHeldForNothingComesAtTheEnd() {
        HeldText text = new HeldText(List.of("aab"));
        assertThat(text.push("aaa")).isEqualTo("a");
        assertThat(text.finish()).isEqualTo("aa");
    }

    @Test
    void theFirstOfSeveralStopStringsEndsIt() {
        HeldText text = new HeldText(List.of("c", "b"));
        assertThat(text.push("abc")).isEqualTo("a");
        assertThat(new HeldText(List.of()).push("abc")).isEqualTo("abc");
    }
}
