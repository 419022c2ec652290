package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrintableStreamTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

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

    @Test
    void messagesShowWhatDataHoldAsText() throws IOException {
        Path data = folder.resolve("a.jsonl");
        Files.writeString(data, "{\"x\u009b2J\\u001b[2J\\n\": 1}\n");

        int code = Main.run(
                new String[] {"inspect", data.toString()},
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));

        assertThat(code).isEqualTo(2);
        assertThat(text(err)).contains("its columns [x\\u009b2J\\u001b[2J\\n] are of no known format");
        assertThat(text(err).lines()).hasSize(1);
    }
}
