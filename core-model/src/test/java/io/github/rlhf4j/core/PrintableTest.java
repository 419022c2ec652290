package io.github.rlhf4j.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void controlCharactersAreWrittenOut() {
        assertThat(Printable.text("a\u001b[2Jb\u0007\r\u009b1m\u007f\0\tü\n"))
                .isEqualTo("a\\u001b[2Jb\\u0007\\r\\u009b1m\\u007f\\u0000\tü\n");
        assertThat(Printable.line("a\nb\tc")).isEqualTo("a\\nb\tc");
    }

    @Test
    void otherTextIsItself() {
        String text = "plain ☃ 😀 \n\t";

        assertThat(Printable.text(text)).isSameAs(text);
    }
}
