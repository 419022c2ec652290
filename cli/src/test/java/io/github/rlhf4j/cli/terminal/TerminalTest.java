package io.github.rlhf4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {
    @Test
    void aLineOfAMessageHasAnEndWhateverItQuotes() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);

        new Terminal(stream, stream).error("short\nthe file has " + "9".repeat(100_000) + "\u001b[2J, but must have 1");

        String shown = err.toString(StandardCharsets.UTF_8);
        assertThat(shown).hasSizeLessThan(2_200).startsWith("rlhf4j: short\nthe file has 999");
        assertThat(shown.strip()).endsWith("\\u001b[2J, but must have 1");
    }
}
