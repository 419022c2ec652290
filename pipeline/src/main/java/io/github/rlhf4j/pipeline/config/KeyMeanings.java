package io.github.rlhf4j.pipeline.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the keys of a run file mean, as the tables of the documentation say it: docs/config.md, docs/datasets.md and docs/algorithms, which are part of the program. A table counts whose first
 * column is "key" and whose last is "meaning".
 */
public final class KeyMeanings {
    private static final Map<String, List<String>> PAGES = Map.of(
            "pretrain", List.of("algorithms/sft.md", "config.md"),
            "kto", List.of("algorithms/kto.md", "algorithms/dpo.md", "config.md"));
    private static final List<String> NESTED = List.of(
            "config.md",
            "adapters.md",
            "judges.md",
            "rewards.md",
            "generation.md",
            "experiments.md",
            "tracking.md",
            "algorithms/sft.md",
            "algorithms/filter.md");
    private static final String OF_STAGES = "## Keys of every stage"; // before it stand the run's own
    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9_]*");
    private static final String COLUMN = "key"; // the first one's name; "key of adapter" for keys of a map
    private static final Map<String, Map<String, Map<String, String>>> READ = new ConcurrentHashMap<>(); // by page

    private KeyMeanings() {}

    /** Of the keys of a stage of type {@code type}; those of a type that the documentation does not know are those of every stage. */
    static Map<String, String> ofStage(String type) {
        Map<String, String> meanings =
                merged(PAGES.getOrDefault(type, List.of("algorithms/" + type + ".md", "config.md")).stream()
                        .filter(page -> !page.equals("config.md"))
                        .toList());
        String config = read(KeyMeanings.class, "docs/config.md");
        tables(config.substring(Math.max(0, config.indexOf(OF_STAGES))))
                .getOrDefault(COLUMN, Map.of())
                .forEach(meanings::putIfAbsent);
        return meanings;
    }

    /** Where the documentation says what a key of a stage means, such as {@code docs/algorithms/dpo.md#keys}; empty where it does not. */
    public static Optional<String> place(String type, String key) {
        for (String page : PAGES.getOrDefault(type, List.of("algorithms/" + type + ".md", "config.md"))) {
            if (!page.equals("config.md") && table(page, COLUMN).containsKey(key)) {
                return Optional.of("docs/" + page + "#keys");
            }
        }
        return ofStage(type).containsKey(key)
                ? Optional.of("docs/config.md#keys-of-every-training-stage")
                : Optional.empty();
    }

    /** Where the documentation says what the keys of the map mean that is the value of {@code key}; empty where it does not. */
    public static Optional<String> placeOfNested(String key) {
        if (key.endsWith("dataset")) {
            return Optional.of("docs/datasets.md");
        }
        return NESTED.stream()
                .filter(page -> !table(page, COLUMN + " of " + key).isEmpty())
                .map(page -> "docs/" + page)
                .findFirst();
    }

    /** Of the keys of a run. */
    static Map<String, String> ofRun() {
        return merged(List.of("config.md"));
    }

    /** Of the keys of a dataset. */
    static Map<String, String> ofDataset() {
        return merged(List.of("datasets.md"));
    }

    /** Of the keys of the map that is the value of {@code key}: the table "key of KEY", wherever it is. */
    static Map<String, String> ofNested(String key) {
        Map<String, String> meanings = new LinkedHashMap<>();
        NESTED.forEach(page -> table(page, COLUMN + " of " + key).forEach(meanings::putIfAbsent));
        return meanings;
    }

    /** Of the keys of a stage's defaults: the comments after them. */
    static Map<String, String> ofDefaults(Class<?> stage, String type) {
        Map<String, String> comments = new LinkedHashMap<>();
        Pattern line = Pattern.compile("([a-z][a-z0-9_]*):[^#]*#\\s*(.*)");
        read(stage, type + "-defaults.yaml")
                .lines()
                .map(line::matcher)
                .filter(Matcher::matches)
                .forEach(found -> comments.put(found.group(1), found.group(2).strip()));
        return comments;
    }

    /** The first page that says something wins. */
    private static Map<String, String> merged(List<String> pages) {
        Map<String, String> meanings = new LinkedHashMap<>();
        pages.forEach(page -> table(page, COLUMN).forEach(meanings::putIfAbsent));
        return meanings;
    }

    private static String read(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    /** The rows of all tables in a page whose first column has that name. A page is read once. */
    private static Map<String, String> table(String page, String column) {
        return READ.computeIfAbsent(page, name -> tables(read(KeyMeanings.class, "docs/" + name)))
                .getOrDefault(column, Map.of());
    }

    /** The rows of all tables with meanings, by the name of their first column. */
    private static Map<String, Map<String, String>> tables(String page) {
        Map<String, Map<String, String>> tables = new LinkedHashMap<>();
        Map<String, String> table = new LinkedHashMap<>(); // that the line is in
        boolean isTable = false;
        for (String line : page.lines().toList()) {
            List<String> cells = cells(line);
            if (cells.isEmpty()) {
                isTable = false;
                continue;
            }
            String last = cells.get(cells.size() - 1);
            if (!isTable) {
                isTable = true;
                table = last.equals("meaning")
                        ? tables.computeIfAbsent(cells.get(0), column -> new LinkedHashMap<>())
                        : new LinkedHashMap<>();
            } else if (!last.isEmpty()) {
                for (String key : keys(cells.get(0))) {
                    table.putIfAbsent(key, last);
                }
            }
        }
        return tables;
    }

    private static List<String> keys(String cell) {
        return Stream.of(cell.split(", | or "))
                .filter(key -> KEY.matcher(key).matches())
                .toList();
    }

    /** The cells of a row without their markup; none where the line is no row. */
    private static List<String> cells(String line) {
        if (!line.startsWith("|") || line.startsWith("|--")) {
            return line.startsWith("|--") ? List.of("---") : List.of();
        }
        List<String> cells = new ArrayList<>();
        for (String cell : line.substring(1).split("(?<!\\\\)\\|")) {
            cells.add(plain(cell));
        }
        if (cells.size() > 1 && !line.stripTrailing().endsWith("|")) {
            return cells;
        }
        return line.substring(1).stripTrailing().equals("|") ? List.of() : cells;
    }

    private static String plain(String cell) {
        return cell.strip().replace("`", "").replace("\\|", "|").replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
    }

    /** The meaning of one key, from the documentation or else from the defaults. */
    static Optional<String> of(String key, Map<String, String> documented, Map<String, String> comments) {
        return Optional.ofNullable(documented.get(key)).or(() -> Optional.ofNullable(comments.get(key)));
    }
}
