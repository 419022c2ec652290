package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.http.KeyFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the key is that requests to a server of ours must bring. */
final class KeyFlags {
    private static final String VARIABLE = "--api-key-env";
    private static final String FILE = "--api-key-file";

    @Option(
            names = VARIABLE,
            paramLabel = "NAME",
            description =
                    "The environment variable with the key that requests must bring; for Tinker's SDK it begins with tml-.")
    private Optional<String> variable = Optional.empty();

    @Option(
            names = FILE,
            paramLabel = "FILE",
            description = "The file with that key, which its owner alone may read (mode 600).")
    private Optional<Path> file = Optional.empty();

    /**
     * The key, where one is asked for.
     *
     * @throws UserError where it is not there, or where others may read its file
     */
    Optional<String> read() {
        if (variable.isPresent() && file.isPresent()) {
            throw new UserError(VARIABLE + " and " + FILE + " must not both be given; one of them has the key");
        }
        return variable.map(KeyFlags::of).or(() -> file.map(path -> KeyFile.read(FILE, path)));
    }

    private static String of(String variable) {
        String key = Objects.requireNonNullElse(System.getenv(variable), "");
        if (key.isBlank()) {
            throw new UserError(VARIABLE + " " + variable + ": the environment has no such variable, or it is empty");
        }
        return key.strip();
    }
}
