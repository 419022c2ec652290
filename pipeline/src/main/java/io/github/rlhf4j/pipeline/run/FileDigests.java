package io.github.rlhf4j.pipeline.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 of files, each computed once in a run and not again in a later one while the file's {@link FileStamp} is the one that was stored with it: a model of
 * many gigabytes is then not read for the sake of its digest.
 */
final class FileDigests {
    private record Known(FileStamp stamp, String sha256) {}

    private final Map<Path, Known> known = new HashMap<>();

    /** A file's digest with the stamp it holds for; no stamp where the file is small or was written a moment ago. */
    record Entry(String sha256, @Nullable FileStamp stamp) {
        Map<String, Object> toTree() {
            Map<String, Object> tree = new LinkedHashMap<>();
            tree.put("sha256", sha256);
            if (stamp != null) {
                tree.put("bytes", stamp.bytes());
                tree.put("modified", stamp.modified());
                tree.put("changed", stamp.changed());
            }
            return tree;
        }
    }

    /** Takes over what {@link Entry#toTree} has stored of {@code file}. */
    void remember(Path file, JsonNode stored) {
        if (stored.path("sha256").isTextual() && stored.path("changed").isTextual()) {
            FileStamp stamp = new FileStamp(
                    stored.path("bytes").asLong(),
                    stored.path("modified").asText(),
                    stored.path("changed").asText());
            known.putIfAbsent(key(file), new Known(stamp, stored.path("sha256").asText()));
        }
    }

    /** The digest of the file as it is now. */
    Entry of(Path file) {
        FileStamp now = FileStamp.of(file);
        Known before = known.get(key(file));
        if (now != null && before != null && before.stamp().equals(now)) {
            return new Entry(before.sha256(), now);
        }
        String sha256 = new Sha256().add(file).hex();
        if (now == null || !now.equals(FileStamp.of(file))) {
            return new Entry(sha256, null);
        }
        known.put(key(file), new Known(now, sha256));
        return new Entry(sha256, now);
    }

    /** The files of a folder, at most {@code depth} levels down, that are {@code wanted}, by their relative names with {@code /}, sorted. */
    Map<String, Entry> below(Path folder, int depth, Predicate<String> wanted) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(folder, depth, FileVisitOption.FOLLOW_LINKS)) {
            List<Path> sorted = files.filter(Files::isRegularFile)
                    .filter(file -> wanted.test(name(folder, file)))
                    .sorted(Comparator.comparing(file -> name(folder, file)))
                    .toList();
            sorted.forEach(file -> entries.put(name(folder, file), of(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
        return entries;
    }

    /** One digest of many files, as {@link io.github.rlhf4j.core.files.AtomicFiles#sha256OfDirectory} gives it of a folder. */
    static String ofAll(Map<String, Entry> entries) {
        Sha256 digest = new Sha256();
        entries.forEach((name, entry) -> digest.add(entry.sha256() + " " + name + "\n"));
        return digest.hex();
    }

    private static String name(Path folder, Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private static Path key(Path file) {
        return file.toAbsolutePath().normalize();
    }
}
