package io.github.rlhf4j.web.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SomeLinesTest {
    @TempDir
    Path folder;

    private List<String> some(String text, int count) throws IOException {
        Path file = folder.resolve("lines");
        Files.writeString(file, text);
        List<String> told = new ArrayList<>();
        SomeLines.of(file, count, new GrowingLines.Reader() {
            @Override
            public void restart() {
                throw new AssertionError();
            }

            @Override
            public void line(byte[] bytes, int from, int to, long offset) {
                String line = new String(bytes, from, to - from, StandardCharsets.UTF_8);
                assertThat(text.substring((int) offset)).startsWith(line + "\n");
                told.add(line);
            }
        });
        return told;
    }

    @Test
    void areSpreadOverTheFileWithTheFirstAndTheLast() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 100; i < 1000; i++) {
            text.append(i).append('\n');
        }
        List<String> told = some(text.toString(), 10);
        assertThat(told)
                .hasSize(10)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith("100")
                .endsWith("999");
        assertThat(told.get(5)).startsWith("6");
    }

    @Test
    void areEachToldOnceWhereThereAreFewer() throws IOException {
        assertThat(some("a\nb\nc\n", 50)).containsExactly("a", "b", "c");
        assertThat(some("a\n", 50)).containsExactly("a");
        assertThat(some("", 50)).isEmpty();
    }

    @Test
    void areWhole() throws IOException {
        assertThat(some("a\nb\nhalf", 50)).containsExactly("a", "b");
        assertThat(some("half", 50)).isEmpty();
        String longOne = "x".repeat(200_000);
        assertThat(some(longOne + "\nb\n" + longOne + "\n", 50)).containsExactly(longOne, "b", longOne);
    }

    @Test
    void ofAFileThatIsNotThereAreNone() {
        SomeLines.of(folder.resolve("none"), 10, new GrowingLines.Reader() {
            @Override
            public void restart() {}

            @Override
            public void line(byte[] bytes, int from, int to, long offset) {
                throw new AssertionError();
            }
        });
    }
}
