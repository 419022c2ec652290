package io.github.rlhf4j.web.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingLinesTest implements GrowingLines.Reader {
    @TempDir
    Path folder;

    private Path file = Path.of("");
    private GrowingLines lines = new GrowingLines(file);
    private final List<String> read = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private int restarts;

    @BeforeEach
    void open() {
        file = folder.resolve("metrics.jsonl");
        lines = new GrowingLines(file);
    }

    @Override
    public void restart() {
        restarts++;
        read.clear();
        offsets.clear();
    }

    @Override
    public void line(byte[] bytes, int from, int to, long offset) {
        read.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
        offsets.add(offset);
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        lines.read(this);
    }

    @Test
    void readsOnlyWhatIsNewAndOnlyWholeLines() throws IOException {
        lines.read(this);
        assertThat(read).isEmpty();
        append("one\ntw");
        assertThat(read).containsExactly("one");
        append("o\nthree\n");
        assertThat(read).containsExactly("one", "two", "three");
        assertThat(offsets).containsExactly(0L, 4L, 8L);
        assertThat(lines.hasChanged()).isFalse();
        assertThat(restarts).isZero();
    }

    @Test
    void aFileThatWasCutBackIsReadAgain() throws IOException {
        append("one\ntwo\nthree\n");
        Files.writeString(file, "one\ntwo\n");
        lines.read(this);
        assertThat(restarts).isEqualTo(1);
        assertThat(read).containsExactly("one", "two");
    }

    @Test
    void aFileThatWasReplacedByALongerOneIsReadAgain() throws IOException {
        append("one\ntwo\n");
        Files.writeString(file, "One\ntwO\nthree\n");
        lines.read(this);
        assertThat(restarts).isEqualTo(1);
        assertThat(read).containsExactly("One", "twO", "three");
    }

    @Test
    void aFileThatIsGoneHasNoLines() throws IOException {
        append("one\n");
        Files.delete(file);
        lines.read(this);
        assertThat(read).isEmpty();
        assertThat(restarts).isEqualTo(1);
    }

    @Test
    void longFilesAndLongLinesAreWhole() throws IOException {
        String longLine = "x".repeat(3 << 20);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            text.append("line ").append(i).append('\n');
        }
        append(text + longLine + "\nend\n");
        assertThat(read).hasSize(200_002);
        assertThat(read.get(199_999)).isEqualTo("line 199999");
        assertThat(read.get(200_000)).isEqualTo(longLine);
        assertThat(read.get(200_001)).isEqualTo("end");
        append("more\n");
        assertThat(read.get(200_002)).isEqualTo("more");
        assertThat(restarts).isZero();
    }
}
