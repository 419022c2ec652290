package io.github.rlhf4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PrintableStreamTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalGetsNoControlCharacters() {
        PrintStream stream = PrintableStream.to(new PrintStream(out, true, StandardCharsets.UTF_8));

        stream.print("\u001b]0;title\u0007 \u009b31m ¡ü\u00a0☃\tx\n");
        stream.print("\u00c2");
        stream.flush();

        assertThat(text(out)).isEqualTo("\\u001b]0;title\\u0007 \\u009b31m ¡ü\u00a0☃\tx\n\u00c2");
    }
}
