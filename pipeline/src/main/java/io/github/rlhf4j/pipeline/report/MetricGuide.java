package io.github.rlhf4j.pipeline.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What metrics mean: unit, healthy direction, a sentence. Read from metrics.tsv; the stages' own words are in docs/algorithms. */
public final class MetricGuide {
    private static final Map<String, Entry> ENTRIES = read();

    private MetricGuide() {}

    /** Which way is better. */
    public enum Direction {
        UP("more is better"),
        DOWN("less is better"),
        WATCH("");

        private final String words;

        Direction(String words) {
            this.words = words;
        }
    }

    /** What is said about a metric. */
    public record Entry(String name, String unit, Direction direction, String what) {
        /** Unit and direction in a few words. */
        public String brief() {
            return direction.words.isEmpty() ? unit : unit + ", " + direction.words;
        }
    }

    /** What is known of a metric, of {@code eval_loss} what is known of {@code loss}. */
    public static Optional<Entry> of(String metric) {
        Entry entry = ENTRIES.get(metric);
        return Optional.ofNullable(entry == null ? ENTRIES.get(base(metric)) : entry);
    }

    public static Map<String, Entry> all() {
        return ENTRIES;
    }

    /** Without {@code eval_} and, of several held-out sets, without the set's name where the rest is a known metric. */
    static String base(String metric) {
        if (!metric.startsWith("eval_")) {
            return metric;
        }
        String rest = metric.substring("eval_".length());
        for (int at = 0; at >= 0 && !ENTRIES.containsKey(rest.substring(at)); ) {
            at = rest.indexOf('_', at);
            if (at < 0) {
                return rest;
            }
            at++;
            if (ENTRIES.containsKey(rest.substring(at))) {
                return rest.substring(at);
            }
        }
        return rest;
    }

    /** The name of the held-out set of {@code eval_<name>_<metric>}, empty of {@code eval_<metric>}. */
    static String evalSet(String metric) {
        String rest = metric.substring("eval_".length());
        String base = base(metric);
        return rest.equals(base) ? "" : rest.substring(0, rest.length() - base.length() - 1);
    }

    private static Map<String, Entry> read() {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Resources.text("metrics.tsv")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    String[] parts = line.split("\t", -1);
                    entries.put(parts[0], new Entry(parts[0], parts[1], direction(parts[2]), parts[3]));
                });
        return entries;
    }

    private static Direction direction(String word) {
        return switch (word) {
            case "up" -> Direction.UP;
            case "down" -> Direction.DOWN;
            default -> Direction.WATCH;
        };
    }
}
