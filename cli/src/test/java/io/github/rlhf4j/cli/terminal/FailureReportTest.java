package io.github.rlhf4j.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureReportTest {
    @Test
    void aFullHeapSaysWhatToDoWhereverItIsThrown() {
        OutOfMemoryError full = new OutOfMemoryError("Java heap space");

        assertThat(FailureReport.line(full, "run", true))
                .startsWith("out of memory: Java heap space, of which there are ")
                .endsWith(" a run goes on with --resume");
        assertThat(FailureReport.line(new IllegalStateException("a task", full), "run", true))
                .isEqualTo(FailureReport.line(full, "run", true));
        assertThat(FailureReport.line(new OutOfMemoryError("no native memory for another 8 MiB"), "run", true))
                .isEqualTo("out of memory: no native memory for another 8 MiB");
    }

    @Test
    void aFileThatCannotBeWrittenIsNamedWithTheReasonAndWithoutAnException() {
        IOException full = new IOException("No space left on device");

        assertThat(line("cannot write a.jsonl", full))
                .isEqualTo("run failed: cannot write a.jsonl: No space left on device");
        assertThat(line("cannot write a.jsonl: No space left on device", full))
                .isEqualTo("run failed: cannot write a.jsonl: No space left on device");
        assertThat(FailureReport.line(new UncheckedIOException(full), "run", true))
                .isEqualTo("run failed: No space left on device");
        assertThat(line("cannot write b", new FileSystemException("b", null, "Read-only file system")))
                .isEqualTo("run failed: cannot write b: Read-only file system");
        assertThat(line("cannot read c", new NoSuchFileException("c")))
                .isEqualTo("run failed: cannot read c: no such file or folder");
        assertThat(line("cannot read d", new AccessDeniedException("d")))
                .isEqualTo("run failed: cannot read d: permission denied");
    }

    private static String line(String message, IOException cause) {
        return FailureReport.line(new UncheckedIOException(message, cause), "run", true);
    }
}
