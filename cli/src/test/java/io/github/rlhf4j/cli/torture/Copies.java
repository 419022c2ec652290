package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Whole folders, copied and compared. */
final class Copies {
    private Copies() {}

    /** Puts a copy of {@code from} in the place of what is at {@code to}. */
    static void copy(Path from, Path to) throws IOException {
        AtomicFiles.delete(to);
        List<Path> paths;
        try (Stream<Path> all = Files.walk(from)) {
            paths = all.toList();
        }
        for (Path path : paths) {
            Files.copy(
                    path,
                    to.resolve(from.relativize(path)),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** What differs in two lists of digests; empty when nothing does. */
    static String difference(Map<String, String> expected, Map<String, String> found) {
        TreeSet<String> names = new TreeSet<>(expected.keySet());
        names.addAll(found.keySet());
        names.removeIf(name -> Objects.equals(expected.get(name), found.get(name)));
        return String.join(", ", names);
    }
}
