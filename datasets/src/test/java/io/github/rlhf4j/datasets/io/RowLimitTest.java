package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowLimitTest {
    private static final RowLimit LIMIT = new RowLimit(200_000); // more than what is buffered

    @TempDir
    Path folder;

    @Test
    void isUsually64MiB() {
        assertThat(ReadOptions.ALL.limit().bytes()).isEqualTo(64 * 1024 * 1024);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.txt   | 'one\n'                                     | line 1: a document is longer",
                "a.jsonl | '{\"text\": \"a\"}\n\"'                       | line 2: the line is longer",
                "a.csv   | 'text\na\n'                                 | line 3: the row is longer",
                "a.csv   | 'text\na\n\"'                               | line 3: the row is longer",
                "a.json  | '[{\"text\": \"a\"},\n{\"text\": \"b\"},\n\"' | line 3: an element of the array is longer"
            })
    void aRowThatDoesNotEndIsAnErrorWithItsLine(String name, String start, String message) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, start.replace("\\n", "\n") + "x".repeat(300_000));

        try (RowSource rows = DataFiles.of(List.of(file.toString()))
                .list()
                .get(0)
                .rows(new ReadOptions("", column -> true, LIMIT, Optional.empty()))) {
            assertThatThrownBy(() -> rows.forEachRemaining(row -> {}))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(name + " " + message);
        }
    }

    @Test
    void manyRowsMayBeLongerTogether() throws IOException {
        Path file = folder.resolve("a.json");
        Files.writeString(file, "[" + "{\"text\": \"abc\"},\n".repeat(50_000) + "{}]");

        int[] count = new int[1];
        try (RowSource rows = DataFiles.of(List.of(file.toString()))
                .list()
                .get(0)
                .rows(new ReadOptions("", column -> true, LIMIT, Optional.empty()))) {
            rows.forEachRemaining(row -> count[0]++);
        }
        assertThat(count[0]).isEqualTo(50_001);
    }
}
