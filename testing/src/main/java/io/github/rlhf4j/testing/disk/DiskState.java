package io.github.rlhf4j.testing.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a folder holds: for each name below it (and for itself, the empty name) a folder, a file with the digest of its contents, or a link. Two are equal where the same is there.
 *
 * @param entries by relative name
 */
record DiskState(Map<String, String> entries) {
    private static final String FOLDER = "/";
    private static final String FILE = "=";
    private static final String LINK = ">";

    /** What is there now; nothing where the folder is missing. */
    static DiskState of(Path folder, Contents contents) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.toList()) {
                    entries.put(folder.relativize(path).toString(), entry(path, contents));
                }
            }
        }
        return new DiskState(entries);
    }

    static String entry(Path path, Contents contents) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return FOLDER;
        }
        return Files.isSymbolicLink(path) ? LINK + Files.readSymbolicLink(path) : file(contents.put(path));
    }

    static String file(String digest) {
        return FILE + digest;
    }

    static boolean isFile(String entry) {
        return entry.startsWith(FILE);
    }

    static boolean isFolder(String entry) {
        return entry.equals(FOLDER);
    }

    /** The same, but for one entry. */
    DiskState with(String name, String entry) {
        Map<String, String> changed = new TreeMap<>(entries);
        changed.put(name, entry);
        return new DiskState(changed);
    }

    /** Makes a folder what this says. */
    void restore(Path folder, Contents contents) throws IOException {
        UnforcedChanges.deleteTree(folder);
        for (String name : entries.keySet().stream()
                .sorted(Comparator.comparingInt(String::length))
                .toList()) { // folders before what is in them
            String entry = entries.getOrDefault(name, "");
            Path path = name.isEmpty() ? folder : folder.resolve(name);
            if (isFolder(entry)) {
                Files.createDirectories(path);
            } else if (entry.startsWith(LINK)) {
                Files.createSymbolicLink(path, path.getFileSystem().getPath(entry.substring(1)));
            } else {
                Files.write(path, contents.get(entry.substring(1)));
            }
        }
    }
}
