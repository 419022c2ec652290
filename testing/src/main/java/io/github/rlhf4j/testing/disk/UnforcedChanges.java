package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a power cut would take: data that no fsync of their file has followed, and names that no fsync of their folder has followed. The strictest disk that POSIX
 * allows: an fsync of a file keeps its data, not its name. Paths are of the real file system.
 */
final class UnforcedChanges {
    private final Path watched;
    private final Path aside; // beside the folder, on the same disk: what may have to come back
    private final Contents contents;
    private final List<Name> names = new ArrayList<>();
    private final Map<Object, String> data = new HashMap<>(); // by inode: the digest of its bytes at the last fsync
    private int count;

    /** @param store a folder for the contents of files, not below {@code watched}; absent: beside it, until this is closed */
    UnforcedChanges(Path watched, Optional<Path> store) throws IOException {
        this.watched = watched;
        this.aside = watched.resolveSibling(watched.getFileName() + ".unforced");
        deleteTree(aside);
        Files.createDirectories(aside);
        this.contents = new Contents(store.orElse(aside.resolve("contents")));
    }

    /** The contents that states name. */
    Contents contents() {
        return contents;
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
            data.put(inode, contents.put(file));
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
                data.put(inode(to), contents.put(new byte[0]));
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

    /** The watched folder itself stays: what is forced above it is not watched. */
    private void add(Name name, Path path) {
        if (path.equals(watched)) {
            return;
        }
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

    /** Takes everything that was not forced, or the data alone. */
    void lose(boolean isNamesToo) throws IOException {
        left(DiskState.of(watched, contents), isNamesToo).restore(watched, contents);
    }

    /**
     * What would be left if power went now.
     *
     * @param now what is there
     */
    DiskState left(DiskState now, boolean isNamesToo) throws IOException {
        TreeMap<Path, String> tree = new TreeMap<>();
        for (Map.Entry<String, String> each : now.entries().entrySet()) {
            Path path = watched.resolve(each.getKey());
            tree.put(path, forced(path, each.getValue()));
        }
        if (isNamesToo) {
            List<Name> copies = new ArrayList<>();
            names.forEach(name -> copies.add(new Name(name.change, name.from, name.path, name.kept)));
            for (int i = copies.size() - 1; i >= 0; i--) {
                undo(copies.get(i), copies.subList(0, i), tree);
            }
        }
        TreeMap<String, String> left = new TreeMap<>();
        tree.forEach((path, entry) -> left.put(watched.relativize(path).toString(), entry));
        return new DiskState(left);
    }

    /** An entry with the data of the last fsync. */
    private String forced(Path path, String entry) throws IOException {
        String digest = DiskState.isFile(entry) ? data.get(inode(path)) : null;
        return digest == null ? entry : DiskState.file(digest);
    }

    private String kept(Path path) throws IOException {
        return forced(path, DiskState.entry(path, contents));
    }

    private void undo(Name name, List<Name> earlier, TreeMap<Path, String> tree) throws IOException {
        switch (name.change) {
            case DELETE -> {
                if (name.kept != null && isFolder(tree, name.path.getParent()) && !tree.containsKey(name.path)) {
                    tree.put(name.path, kept(name.kept));
                }
            }
            case MOVE -> {
                if (tree.containsKey(name.path) && isFolder(tree, name.from.getParent())) {
                    move(tree, name.path, name.from);
                    earlier.forEach(other -> follow(other, name.path, name.from));
                }
                if (name.kept != null && isFolder(tree, name.path.getParent())) {
                    tree.put(name.path, kept(name.kept));
                }
            }
            default -> tree.keySet().removeIf(path -> path.startsWith(name.path));
        }
    }

    private boolean isFolder(TreeMap<Path, String> tree, @Nullable Path path) {
        return path != null && (!path.startsWith(watched) || DiskState.isFolder(tree.getOrDefault(path, "")));
    }

    private static void move(TreeMap<Path, String> tree, Path from, Path to) {
        TreeMap<Path, String> moved = new TreeMap<>();
        tree.forEach((path, entry) -> {
            if (path.startsWith(from)) {
                moved.put(path, entry);
            }
        });
        tree.keySet().removeAll(moved.keySet());
        moved.forEach((path, entry) -> tree.put(moved(path, from, to), entry));
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
