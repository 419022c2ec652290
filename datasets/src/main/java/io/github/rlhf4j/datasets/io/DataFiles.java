package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The files of a dataset, in a stable order: those of each path in the order given, where a path is a file, a folder (all data files in and below it, where it has none all .txt files, where it has none of them all web archives) or a glob such as {@code
 * data/train-*.parquet}; the files of a folder or a glob are sorted by name.
 */
public final class DataFiles {
    /** Endings of names in a folder: those of the first kind that is there. Texts beside data are read-me files and licences, archives beside either are what those were made of. */
    private static final List<String> KINDS = List.of("jsonl?|ndjson|csv|tsv|parquet", "txt|text", "warc|wet");

    private static final String GLOB_CHARACTERS = "(?s).*[*?\\[{].*";

    private final List<DataFile> files;

    private DataFiles(List<DataFile> files) {
        this.files = List.copyOf(files);
    }

    /**
     * Finds them.
     *
     * @throws UserError when a path is missing or holds no data file
     */
    public static DataFiles of(List<String> paths) {
        List<DataFile> files = new ArrayList<>();
        for (String path : paths) {
            find(path).forEach(file -> files.add(new DataFile(file)));
        }
        return new DataFiles(files);
    }

    /** The files; at least one. */
    public List<DataFile> list() {
        return files;
    }

    /** Bytes of all. */
    public long bytes() {
        return files.stream().mapToLong(DataFile::bytes).sum();
    }

    /** SHA-256 of the bytes of all, one after the other. */
    public String sha256() {
        Sha256 digest = new Sha256();
        files.forEach(file -> file.addTo(digest));
        return digest.hex();
    }

    private static List<Path> find(String given) {
        Path path;
        try {
            path = Path.of(given);
        } catch (InvalidPathException e) { // Windows takes no * in a path
            if (given.indexOf('\0') >= 0) {
                throw new UserError("dataset " + given + " is not a valid path: it has a NUL character", e);
            }
            return glob(given);
        }
        if (Files.isDirectory(path)) {
            return inFolder(path, given);
        }
        if (Files.exists(path)) {
            return List.of(path);
        }
        if (given.matches(GLOB_CHARACTERS)) {
            return glob(given);
        }
        throw new UserError("dataset file " + path + " does not exist; paths are relative to the working directory "
                + Path.of("").toAbsolutePath());
    }

    private static List<Path> inFolder(Path folder, String given) {
        List<Path> found = KINDS.stream()
                .map(kind -> below(folder, file -> isNamed(file, "(?s).*\\.(" + kind + ")(\\.(gz|zst))?")))
                .filter(files -> !files.isEmpty())
                .findFirst()
                .orElse(List.of());
        return some(
                found,
                "dataset " + given
                        + " is a folder without a data file (.jsonl, .json, .csv, .tsv, .parquet, .warc, .wet, .txt)");
    }

    private static boolean isNamed(Path file, String pattern) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).matches(pattern);
    }

    private static List<Path> some(List<Path> found, String none) {
        if (found.isEmpty()) {
            throw new UserError(none);
        }
        return found;
    }

    private static List<Path> glob(String given) {
        String pattern = given.replace('\\', '/');
        int slash = pattern.replaceFirst("[*?\\[{].*", "").lastIndexOf('/');
        Path base = Path.of(slash < 0 ? "" : pattern.substring(0, slash + 1));
        String none = "dataset " + given + " matches no file; paths are relative to the working directory "
                + Path.of("").toAbsolutePath();
        if (!Files.isDirectory(base)) {
            throw new UserError(none);
        }
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern.substring(slash + 1));
        } catch (PatternSyntaxException e) {
            throw new UserError("dataset " + given + " is not a pattern: " + e.getDescription(), e);
        }
        return some(below(base, file -> matcher.matches(base.relativize(file))), none);
    }

    /** Files in and below a folder, sorted; hidden ones and those in hidden folders are no data. */
    private static List<Path> below(Path folder, Predicate<Path> wanted) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !isHidden(folder.relativize(file)))
                    .filter(wanted)
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new UserError("dataset folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isHidden(Path path) {
        for (Path part : path) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
