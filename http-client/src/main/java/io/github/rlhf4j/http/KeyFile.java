package io.github.rlhf4j.http;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A file with a key, such as a judge's. Its group and others must have no rights on it, as ssh asks of its keys; a link counts as what it points to. File systems without such rights (Windows) are not
 * asked. What the file holds is in no message.
 */
public final class KeyFile {
    private static final long LONGEST = 64 << 10; // bytes
    private static final Set<PosixFilePermission> OF_OTHERS =
            EnumSet.copyOf(PosixFilePermissions.fromString("---rwxrwx"));

    private KeyFile() {}

    /**
     * The key, without white space around it.
     *
     * @param named what names the file, for messages: judge.openai.api_key_file
     * @throws UserError where there is no such file, others may read it, or it has no key
     */
    public static String read(String named, Path file) {
        if (!Files.isRegularFile(file)) {
            throw error(named, file, Files.exists(file) ? "which is not a file" : "which does not exist");
        }
        try {
            checkRights(named, file);
            if (Files.size(file) > LONGEST) {
                throw error(named, file, "which has " + Files.size(file) + " bytes; a key has less than " + LONGEST);
            }
            String key = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
            if (key.isEmpty()) {
                throw error(named, file, "which has no key in it");
            }
            if (!key.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw error(named, file, "which must have one line of printable ASCII, the key alone, but has not");
            }
            return key;
        } catch (IOException e) {
            throw new UserError(named + " names " + file + ", which cannot be read; it must be a file of yours", e);
        }
    }

    private static void checkRights(String named, Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        Set<PosixFilePermission> rights = view.readAttributes().permissions();
        if (rights.stream().anyMatch(OF_OTHERS::contains)) {
            throw error(
                    named,
                    file,
                    "on which others than its owner have rights (" + PosixFilePermissions.toString(rights)
                            + "); chmod 600 takes them away");
        }
    }

    private static UserError error(String named, Path file, String what) {
        return new UserError(named + " names " + file + ", " + what);
    }
}
