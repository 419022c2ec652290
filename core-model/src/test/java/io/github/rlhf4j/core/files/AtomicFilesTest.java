package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    private Path directory;

    @Test
    void aFailedWriteLeavesTheOldFileAndNothingElse() {
        Path file = directory.resolve("a/b.txt");
        AtomicFiles.writeString(file, "old");
        assertThatThrownBy(() -> AtomicFiles.writeStream(file, out -> {
                    out.write(1);
                    throw new IOException("disk full");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("b.txt")
                .hasMessageContaining("disk full");
        assertThat(file).hasContent("old");
        assertThat(directory.resolve("a").toFile().list()).containsExactly("b.txt");
    }

    @Test
    void aDirectoryIsReplacedAsAWhole() {
        Path target = directory.resolve("model");
        AtomicFiles.writeDirectory(target, path -> Files.writeString(path.resolve("old"), "1"));
        AtomicFiles.writeDirectory(target, path -> {
            assertThat(target.resolve("old")).exists();
            Files.createDirectory(path.resolve("sub"));
            Files.writeString(path.resolve("sub/new"), "2");
        });
        assertThat(target.resolve("old")).doesNotExist();
        assertThat(target.resolve("sub/new")).hasContent("2");
        assertThat(directory.toFile().list()).containsExactly("model");
    }

    @Test
    void whatADeadProcessLeftIsRemovedOrPutBack() throws IOException {
        long dead = deadProcess();
        Path target = directory.resolve("model");
        Files.createDirectory(directory.resolve("model.tmp-" + dead));
        Files.createDirectory(directory.resolve("model.tmp-" + dead + "-old"));
        Files.writeString(directory.resolve("model.tmp-" + dead + "-old/x"), "kept");
        assertThatThrownBy(() -> AtomicFiles.writeDirectory(target, path -> {
                    throw new IOException("no");
                }))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(target.resolve("x")).hasContent("kept");
        assertThat(directory.toFile().list()).containsExactly("model");
    }

    @Test
    void aFileNeverTakesThePlaceOfAFolderNorAFolderThatOfAFile() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Files.writeString(folder.resolve("mine"), "precious");
        assertThatThrownBy(() -> AtomicFiles.writeString(folder, "x"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("it is a folder");
        assertThatThrownBy(() -> AtomicFiles.writeDirectory(folder.resolve("mine"), path -> {}))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("it is a file");
        assertThat(folder.resolve("mine")).hasContent("precious");
    }

    @Test
    void digestsDependOnNamesAndContents() throws IOException {
        Files.writeString(directory.resolve("abc"), "abc");
        assertThat(AtomicFiles.sha256(directory.resolve("abc"))) // FIPS 180-2, appendix B.1
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        String before = AtomicFiles.sha256OfDirectory(directory);
        Files.move(directory.resolve("abc"), directory.resolve("abd"));
        assertThat(AtomicFiles.sha256OfDirectory(directory)).isNotEqualTo(before);
        Files.move(directory.resolve("abd"), directory.resolve("abc"));
        assertThat(AtomicFiles.sha256OfDirectory(directory)).isEqualTo(before);
    }

    @Test
    void temporaryNamesAreKnownWhateverProcessMadeThem() {
        Path own = AtomicFiles.temporary(directory.resolve("done.json"));

        assertThat(AtomicFiles.isTemporary(String.valueOf(own.getFileName()))).isTrue();
        assertThat(AtomicFiles.isTemporary("a/model.tmp-17-old/config.json")).isTrue();
        assertThat(List.of("a/model", "a.tmp-", ".tmp-17", "a.tmp-17x", "a.tmp-17-older", "a.tmp-17/..tmp"))
                .filteredOn(AtomicFiles::isTemporary)
                .containsExactly("a.tmp-17/..tmp");
        assertThat(AtomicFiles.isTemporaryOf(List.of("mark", "done.json"), "done.json.tmp-9"))
                .isTrue();
        assertThat(AtomicFiles.isTemporaryOf(List.of("mark"), "done.json.tmp-9"))
                .isFalse();
    }

    private static long deadProcess() {
        long pid = Integer.MAX_VALUE; // beyond Linux's largest process id
        while (ProcessHandle.of(pid).isPresent()) {
            pid--;
        }
        return pid;
    }
}
