package io.github.rlhf4j.core.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    @TempDir
    private Path directory;

    private static void write(Path path, String text) {
        OutputFile.of("--out", path).write(out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aFolderIsRefusedAndKeepsWhatItHolds() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("keep/sub"));
        Files.writeString(folder.resolve("t"), "x");
        for (Path named : new Path[] {directory.resolve("keep"), folder}) {
            assertThatThrownBy(() -> write(named, "new"))
                    .isInstanceOf(UserError.class)
                    .hasMessage("--out " + named + " is a folder: give the name of a file");
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), folder);
        assertThatThrownBy(() -> write(link, "new"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is a folder");
        assertThat(folder.resolve("t")).hasContent("x");
    }

    @Test
    void aLinkStaysAndItsTargetIsReplaced() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("target"));
        write(link, "new");
        assertThat(link).isSymbolicLink();
        assertThat(target).hasContent("new");
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("later"));
        write(dangling, "there");
        assertThat(dangling).isSymbolicLink();
        assertThat(directory.resolve("later")).hasContent("there");
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("target", "link", "dangling", "later");
    }

    @Test
    void aDeviceIsWrittenThroughAndStaysOne() {
        Path device = Path.of("/dev/null");
        if (Files.exists(device)) {
            write(device, "x");
            assertThat(Files.isRegularFile(device)).isFalse();
        }
    }

    @Test
    void aPlaceThatCannotBeIsAMistakeOfTheUsers() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        assertThatThrownBy(() -> write(file.resolve("below"), "new"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("is not a folder");
        if (Files.isDirectory(Path.of("/proc"))) {
            assertThatThrownBy(() -> write(Path.of("/proc/x.jsonl"), "new"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("--out /proc/x.jsonl cannot be written");
        }
        assertThatThrownBy(() -> write(Path.of(""), "new")).isInstanceOf(UserError.class);
    }
}
