package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.UserError;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files and directories that exist whole or not at all: written beside their place, forced to the disk, then moved.
 *
 * <p>A failure removes what was written and leaves the target as it was; what a killed process left beside the target
 * is removed by the next write to it, and what a signal interrupts is removed at once. A file never takes the place of a
 * directory, a device or a pipe, nor a directory that of a file. Failures of the disk throw {@link UncheckedIOException}.
 */
public final class AtomicFiles {
    private static final String MARK = ".tmp-"; // followed by the id of the writing process
    private static final Set<String> FAILURES =
            Set.of("Input/output error", "No space left on device", "Disk quota exceeded"); // EIO, ENOSPC, EDQUOT
    private static final Pattern SUFFIX = Pattern.compile("\\.tmp-[0-9]+(-old)?");

    private AtomicFiles() {}

    /** Writes a file's content to a channel that is open for writing at position 0. */
    @FunctionalInterface
    public interface ChannelWriter {
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Writes a file's content to a buffered stream, which need not be closed. */
    @FunctionalInterface
    public interface StreamWriter {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Fills an empty directory. */
    @FunctionalInterface
    public interface DirectoryWriter {
        void writeTo(Path directory) throws IOException;
    }

    /** Writes text as UTF-8, creating the parent directories. */
    public static void writeString(Path file, String text) {
        writeStream(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes a file through a stream, creating the parent directories. */
    public static void writeStream(Path file, StreamWriter writer) {
        writeChannel(file, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            writer.writeTo(out);
            out.flush();
        });
    }

    /** Writes a file through a channel, creating the parent directories. */
    public static void writeChannel(Path file, ChannelWriter writer) {
        requireReplaceable(file, false);
        replace(file, temporary -> {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writer.writeTo(channel);
                channel.force(true);
            }
        });
    }

    /**
     * Writes a directory. An existing one is replaced as a whole: moved aside, and removed once the new one is in place.
     */
    public static void writeDirectory(Path directory, DirectoryWriter writer) {
        requireReplaceable(directory, true);
        replace(directory, temporary -> {
            Files.createDirectory(temporary);
            writer.writeTo(temporary);
            for (Path file : filesUnder(temporary)) {
                force(file, StandardOpenOption.WRITE);
            }
            directoriesUnder(temporary).forEach(AtomicFiles::forceDirectory);
        });
    }

    /** Makes a directory, with those that it is in, whose names are on the disk when this returns. Nothing happens where it exists. */
    public static void createDirectories(Path directory) throws IOException {
        Path place = directory.toAbsolutePath();
        List<Path> changed = parentsOfMissing(place);
        Files.createDirectories(place);
        changed.forEach(AtomicFiles::forceDirectory);
    }

    /** Removes a file or a directory with all it holds; nothing happens where it does not exist. */
    public static void delete(Path path) {
        try {
            deleteTree(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + path, e);
        }
    }

    private static void requireReplaceable(Path target, boolean byDirectory) {
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(target)) {
            return;
        }
        boolean isDirectory = Files.isDirectory(target);
        if (isDirectory != byDirectory || !(isDirectory || Files.isRegularFile(target))) {
            throw new UserError("cannot write " + target + ": it is "
                    + (isDirectory ? "a folder" : Files.isRegularFile(target) ? "a file" : "a device or a pipe")
                    + ", and " + (byDirectory ? "a folder" : "a file") + " shall be written");
        }
    }

    /** Where this process writes a target before it is moved, and what a killed process leaves beside it. */
    public static Path temporary(Path target) {
        return target.resolveSibling(
                target.getFileName() + MARK + ProcessHandle.current().pid());
    }

    /** Whether one of the names in a path, divided by {@code /}, is a {@link #temporary} one of any process. */
    public static boolean isTemporary(String path) {
        for (String name : path.split("/")) {
            int mark = name.lastIndexOf(MARK);
            if (mark > 0 && SUFFIX.matcher(name).region(mark, name.length()).matches()) {
                return true;
            }
        }
        return false;
    }

    /** Whether a name is a {@link #temporary} one of one of the targets. */
    public static boolean isTemporaryOf(List<String> targets, String name) {
        return isTemporary(name) && targets.contains(name.substring(0, name.lastIndexOf(MARK)));
    }

    /** Deletes from a folder, which is this process's alone, what processes that died left of {@code targets} there. */
    public static void deleteTemporariesOf(List<String> targets, Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            entries.filter(entry -> isTemporaryOf(targets, String.valueOf(entry.getFileName())))
                    .toList()
                    .forEach(AtomicFiles::delete);
        }
    }

    private static void replace(Path target, DirectoryWriter writer) {
        Path place = target.toAbsolutePath();
        Path parent = Optional.ofNullable(place.getParent())
                .orElseThrow(() -> new IllegalArgumentException(target + " has no parent directory"));
        Path temporary = temporary(place);
        Temporaries temporaries = Temporaries.ofThisProcess();
        try {
            createDirectories(parent);
            removeLeftovers(parent, place.getFileName() + MARK);
            deleteTree(temporary);
            temporaries.add(temporary);
            writer.writeTo(temporary);
            temporaries.finish(temporary, () -> moveIntoPlace(temporary, place));
            forceDirectory(parent);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + target + ": " + e.getMessage(), e);
        } finally {
            deleteQuietly(temporary);
            temporaries.remove(temporary);
        }
    }

    /** Where names appear when a directory is made: the parents of it and of those that it is in, as far as they do not exist. */
    private static List<Path> parentsOfMissing(Path directory) {
        List<Path> parents = new ArrayList<>();
        Path each = directory;
        Path above = each.getParent();
        while (above != null && !Files.exists(each)) {
            parents.add(above);
            each = above;
            above = each.getParent();
        }
        return parents;
    }

    private static void moveIntoPlace(Path temporary, Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            move(temporary, place);
            return;
        }
        Path old = place.resolveSibling(temporary.getFileName() + "-old");
        deleteTree(old);
        move(place, old);
        move(temporary, place);
        deleteTree(old);
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Temporary names of processes that no longer live; a moved-aside directory comes back if its place is empty. */
    private static void removeLeftovers(Path parent, String prefix) throws IOException {
        for (Path path : entries(parent)) {
            String name = path.getFileName().toString();
            String suffix = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
            boolean movedAside = suffix.endsWith("-old");
            String pid = movedAside ? suffix.substring(0, suffix.length() - 4) : suffix;
            if (!pid.matches("[0-9]{1,18}")
                    || ProcessHandle.of(Long.parseLong(pid)).isPresent()) {
                continue;
            }
            Path place = parent.resolve(prefix.substring(0, prefix.length() - MARK.length()));
            if (movedAside && !Files.exists(place)) {
                move(path, place);
            } else {
                deleteTree(path);
            }
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.sorted().collect(Collectors.toList());
        }
    }

    /** Regular files anywhere under a directory, in the order of their relative paths with {@code /}. */
    static List<Path> filesUnder(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(path -> relativeName(directory, path)))
                    .collect(Collectors.toList());
        }
    }

    private static List<Path> directoriesUnder(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .sorted(Comparator.reverseOrder())
                    .collect(Collectors.toList());
        }
    }

    static String relativeName(Path directory, Path file) {
        return directory.relativize(file).toString().replace('\\', '/');
    }

    private static void deleteQuietly(Path path) {
        try {
            deleteTree(path);
        } catch (IOException e) {
            // the error that led here is the one to report; the next write removes what is left
        }
    }

    static void deleteTree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> paths = Files.walk(path)) {
            all = paths.sorted(Comparator.reverseOrder()).collect(Collectors.toList());
        } catch (NoSuchFileException e) {
            return;
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }

    private static void force(Path file, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(file, option)) {
            channel.force(true);
        }
    }

    /**
     * Makes a rename or a new name in a directory durable. Windows cannot open one, where it is not needed; some network file systems refuse to force one.
     *
     * @throws UncheckedIOException where the disk fails
     */
    public static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            force(directory, channel);
        } catch (IOException e) {
            // Windows, or another process has removed it
        }
    }

    private static void force(Path directory, FileChannel channel) {
        try {
            channel.force(true);
        } catch (IOException e) {
            if (FAILURES.contains(e.getMessage())) {
                throw new UncheckedIOException("cannot force " + directory + " to the disk: " + e.getMessage(), e);
            }
        }
    }

    /** SHA-256 of a file's bytes, in lower-case hexadecimal. */
    public static String sha256(Path file) {
        return new Sha256().add(file).hex();
    }

    /**
     * SHA-256 over a directory: of the lines {@code <sha256> <relative path>\n} of all its files, sorted by path.
     *
     * <p>It depends on names and contents alone, not on times, order or the file system.
     */
    public static String sha256OfDirectory(Path directory) {
        Sha256 digest = new Sha256();
        try {
            for (Path file : filesUnder(directory)) {
                digest.add(sha256(file) + " " + relativeName(directory, file) + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
        return digest.hex();
    }
}
