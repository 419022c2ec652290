package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.UserError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Paths by names that are in files which others may have written. */
public final class PathsBelow {
    private PathsBelow() {}

    /** What a name means below a folder; empty where that is not below it, such as {@code ../x}, or the name is no path. */
    public static Optional<Path> of(Path folder, String name) {
        try {
            Path place = folder.resolve(name);
            Path above = folder.toAbsolutePath().normalize();
            Path meant = place.toAbsolutePath().normalize();
            return meant.startsWith(above) && !meant.equals(above) ? Optional.of(place) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /**
     * What a name in a file means below a folder.
     *
     * @throws UserError where that is not below it
     */
    public static Path of(Path folder, String name, Path file) {
        return of(folder, name)
                .orElseThrow(() -> new UserError(
                        file + " names " + name + ", which must be something in " + folder + ", but is not"));
    }
}
