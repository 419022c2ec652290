package io.github.rlhf4j.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    private static final String KEY = "sk-planted-0123456789";

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("key.txt"), text);
        rights(file, "rw-------");
        return file;
    }

    /** Whether the file system has rights at all. */
    private static boolean rights(Path file, String rights) throws IOException {
        boolean has = Files.getFileStore(file).supportsFileAttributeView("posix");
        if (has) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
        }
        return has;
    }

    private static void assertRefused(Path file, String why) {
        assertThatThrownBy(() -> KeyFile.read("key", file))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("key names " + file + ", ")
                .hasMessageContaining(why)
                .message()
                .doesNotContain(KEY)
                .doesNotContain("\n");
    }

    @Test
    void isTheTextWithoutTheLinesEnd() throws IOException {
        Path file = file(KEY + "\r\n");
        assertThat(KeyFile.read("key", file)).isEqualTo(KEY);
        rights(file, "r--------");
        assertThat(KeyFile.read("key", file)).isEqualTo(KEY);
    }

    @Test
    void isRefusedWhereOthersHaveRights() throws IOException {
        Path file = file(KEY);
        Path link = folder.resolve("link");
        for (String rights : new String[] {"rw-r--r--", "rw-r-----", "rw----r--", "rw--w----", "rw------x"}) {
            if (rights(file, rights)) {
                assertRefused(file, "(" + rights + "); chmod 600");
                Files.deleteIfExists(link);
                assertRefused(Files.createSymbolicLink(link, file), "chmod 600");
            } else {
                assertThat(KeyFile.read("key", file)).isEqualTo(KEY);
            }
        }
    }

    @Test
    void isRefusedWhereItHasNoKeyOrMore() throws IOException {
        assertRefused(folder.resolve("none"), "does not exist");
        assertRefused(folder, "is not a file");
        assertRefused(file(" \n"), "has no key in it");
        assertRefused(file(KEY + "\n" + KEY), "one line of printable ASCII");
        assertRefused(file(KEY + "\u00e9"), "one line of printable ASCII");
        assertRefused(file("k".repeat(70_000)), "which has 70000 bytes");
    }
}
