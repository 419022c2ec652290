package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.UserError;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A file that the user named for a command's output. A regular file is replaced as a whole, at the end; of a link, its target is. What is written to a device or a pipe goes through it as it comes. A folder is refused.
 */
public final class OutputFile {
    private static final int MOST_LINKS = 40;

    private final Path given;
    private final Path place;
    private final boolean isStream;

    private OutputFile(Path given, Path place, boolean isStream) {
        this.given = given;
        this.place = place;
        this.isStream = isStream;
    }

    /**
     * Finds its place, and makes the folders above it.
     *
     * @param option that named it, for messages
     * @throws UserError where it cannot be written
     */
    public static OutputFile of(String option, Path given) {
        if (given.toString().isEmpty()) {
            throw new UserError(option + " must name a file, but is empty");
        }
        try {
            if (isStream(given)) {
                return new OutputFile(given, given, true);
            }
            Path place = target(given.toAbsolutePath());
            if (Files.isDirectory(place)) {
                throw new UserError(option + " " + given + " is a folder: give the name of a file");
            }
            probe(place);
            return new OutputFile(given, place, false);
        } catch (IOException e) {
            throw new UserError(option + " " + given + " cannot be written: " + reason(e), e);
        }
    }

    /** Whether bytes go through it: devices, pipes, and the process's own descriptors, whatever they lead to. */
    private static boolean isStream(Path given) {
        Path absolute = given.toAbsolutePath().normalize();
        try {
            BasicFileAttributes attributes = Files.readAttributes(given, BasicFileAttributes.class);
            return attributes.isOther()
                    || (attributes.isRegularFile() && (absolute.startsWith("/dev") || absolute.startsWith("/proc")));
        } catch (IOException e) {
            return false;
        }
    }

    private static Path target(Path path) throws IOException {
        Path target = path;
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MOST_LINKS) {
                throw new FileSystemLoopException(path.toString());
            }
            target = target.resolveSibling(Files.readSymbolicLink(target)).normalize();
        }
        return target;
    }

    private static void probe(Path place) throws IOException {
        Path parent = Optional.ofNullable(place.getParent())
                .orElseThrow(() -> new NoSuchFileException(place.toString(), null, "it has no name"));
        Files.createDirectories(parent);
        Path probe = AtomicFiles.temporary(place);
        if (!Files.exists(probe, LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(probe);
            Files.delete(probe);
        }
    }

    /** What the system said, in words. */
    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "permission denied for " + denied.getFile();
        }
        if (failure instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + " is not a folder";
        }
        if (failure instanceof NoSuchFileException missing) {
            return "no such place as " + missing.getFile();
        }
        if (failure instanceof FileSystemException other && other.getReason() != null) {
            return other.getReason();
        }
        return String.valueOf(failure.getMessage());
    }

    /** Writes it; a failure leaves the file that was there. */
    public void write(AtomicFiles.StreamWriter writer) {
        if (!isStream) {
            AtomicFiles.writeStream(place, writer);
            return;
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(place, StandardOpenOption.WRITE))) {
            writer.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + given + ": " + e.getMessage(), e);
        }
    }
}
