package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut would take: data that no fsync of their file has followed, and names that no fsync of their folder has followed. The strictest disk that POSIX
 * allows: an fsync of a file keeps its data, not its name. Paths are of the real file system.
 */
final class UnforcedChanges {
    private final Path watched;
    private final Path aside; // beside the folder, on the same disk: what may have to come back
    private final List<Name> names = new ArrayList<>();
    private final Map<Object, Path> data = new HashMap<>(); // by inode: its bytes at the last fsync
    private int count;

    UnforcedChanges(Path watched) {
        this.watched = watched;
        this.aside = watched.resolveSibling(watched.getFileName() + ".unforced");
        try {
            deleteTree(aside);
            Files.createDirectories(aside);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A name that was made, moved or removed. {@code from} and {@code kept} are missing where there is nothing of the kind. */
    private static final class Name {
        private final Change change;
        private final @Nullable Path kept;
        private Path path;
        private Path from;
        private final Set<Path> pending = new HashSet<>();

        Name(Change change, Path from, Path path, @Nullable Path kept) {
            this.change = change;
            this.from = from;
            this.path = path;
            this.kept = kept;
        }
    }

    private @Nullable Path removed;

    void before(Change change, Path path, Path to) throws IOException {
        removed = null;
        switch (change) {
            case WRITE, TRUNCATE -> keepData(path);
            case DELETE -> keepName(path);
            case MOVE -> keepName(to);
            default -> {
                // nothing is lost by it
            }
        }
    }

    private void keepData(Path file) throws IOException {
        Object inode = inode(file);
        if (!data.containsKey(inode)) {
            Path copy = next();
            Files.copy(file, copy);
            data.put(inode, copy);
        }
    }

    private void keepName(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            removed = next();
            Files.createDirectory(removed);
        } else if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            removed = next();
            Files.createLink(removed, path);
        }
    }

    private Path next() {
        return aside.resolve(Integer.toString(count++));
    }

    void after(Change change, Path path, Path to) throws IOException {
        switch (change) {
            case CREATE, FOLDER, LINK -> add(new Name(change, path, path, null), path);
            case COPY -> {
                add(new Name(change, to, to, null), to);
                Path nothing = next();
                Files.createFile(nothing);
                data.put(inode(to), nothing);
            }
            case DELETE -> {
                if (removed != null) {
                    add(new Name(change, path, path, removed), path);
                }
            }
            case MOVE -> {
                names.forEach(name -> follow(name, path, to));
                Name name = new Name(change, path, to, removed);
                add(name, to);
                name.pending.add(path.getParent());
            }
            case FORCE -> data.remove(inode(path));
            case FORCE_FOLDER -> {
                names.forEach(name -> name.pending.remove(path));
                names.removeIf(name -> name.pending.isEmpty());
            }
            default -> {
                // WRITE and TRUNCATE were noted before
            }
        }
    }

    private void add(Name name, Path path) {
        name.pending.add(path.getParent());
        names.add(name);
    }

    private static void follow(Name name, Path from, Path to) {
        name.path = moved(name.path, from, to);
        name.from = moved(name.from, from, to);
        List<Path> folders = List.copyOf(name.pending);
        name.pending.clear();
        folders.forEach(folder -> name.pending.add(moved(folder, from, to)));
    }

    private static Path moved(Path path, Path from, Path to) {
        return path.startsWith(from) ? to.resolve(from.relativize(path)) : path;
    }

    /** Takes everything that was not forced. */
    void lose() throws IOException {
        empty();
        for (int i = names.size() - 1; i >= 0; i--) {
            undo(names.get(i), names.subList(0, i));
        }
    }

    /** Takes the data alone. */
    void empty() throws IOException {
        for (Path root : List.of(watched, aside)) {
            if (!Files.exists(root)) {
                continue;
            }
            for (Path file : tree(root)) {
                Path copy = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? data.get(inode(file)) : null;
                if (copy != null) {
                    Files.write(
                            file,
                            Files.readAllBytes(copy),
                            StandardOpenOption.WRITE,
                            StandardOpenOption.TRUNCATE_EXISTING);
                }
            }
        }
    }

    private static void undo(Name name, List<Name> earlier) throws IOException {
        Path parent = Objects.requireNonNull(name.path.getParent());
        switch (name.change) {
            case DELETE -> {
                if (name.kept != null
                        && Files.isDirectory(parent)
                        && !Files.exists(name.path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(name.kept, name.path);
                }
            }
            case MOVE -> {
                if (Files.exists(name.path, LinkOption.NOFOLLOW_LINKS)
                        && Files.isDirectory(Objects.requireNonNull(name.from.getParent()))) {
                    Files.move(name.path, name.from);
                    earlier.forEach(other -> follow(other, name.path, name.from));
                }
                if (name.kept != null && Files.isDirectory(parent)) {
                    Files.move(name.kept, name.path);
                }
            }
            default -> deleteTree(name.path);
        }
    }

    private static Object inode(Path file) throws IOException {
        return Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    private static List<Path> tree(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.sorted(Comparator.reverseOrder()).toList();
        }
    }

    static void deleteTree(Path root) throws IOException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            try {
                for (Path path : tree(root)) {
                    Files.deleteIfExists(path);
                }
            } catch (NoSuchFileException e) {
                // gone already
            }
        }
    }

    void close() throws IOException {
        deleteTree(aside);
    }
}
