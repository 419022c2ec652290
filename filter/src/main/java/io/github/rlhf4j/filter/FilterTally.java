package io.github.rlhf4j.filter;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** How many rows stayed and went, why, and of which group. */
final class FilterTally implements Stateful {
    /** Where groups go after so many. */
    static final String OTHERS = "(others)";

    private static final String KEPT = "";
    private static final int MOST_GROUPS = 10_000;
    private static final int SHOWN_GROUPS = 30;

    private final Map<String, Map<String, Long>> counts = new TreeMap<>(); // reason, group; KEPT is no reason
    private final Map<String, Long> groups = new TreeMap<>(); // rows judged
    private final Map<String, Integer> samples = new TreeMap<>(); // by reason
    private final Map<String, Long> step = new LinkedHashMap<>();
    private long stepRows;

    /** A row was judged, whatever comes of it. */
    void see(String group) {
        groups.merge(named(group), 1L, Long::sum);
    }

    /** The group under which rows are counted. */
    private String named(String group) {
        return groups.containsKey(group) || groups.size() < MOST_GROUPS ? group : OTHERS;
    }

    /** A row stays. */
    void keep(String group) {
        count(KEPT, group);
    }

    /** A row goes. */
    void remove(String reason, String group) {
        count(reason, group);
    }

    private void count(String reason, String group) {
        counts.computeIfAbsent(reason, key -> new TreeMap<>()).merge(named(group), 1L, Long::sum);
        step.merge(reason, 1L, Long::sum);
    }

    /** Whether a sample of this reason is still wanted; counts it. */
    boolean wantsSample(String reason, int most) {
        return samples.getOrDefault(reason, 0) < most && samples.merge(reason, 1, Integer::sum) <= most;
    }

    /** Rows that the step in progress looks at. */
    void begin(long rows) {
        stepRows = rows;
        step.clear();
    }

    /** What became of them, as shares. */
    StepMetrics metrics() {
        StepMetrics metrics = new StepMetrics();
        counts.keySet().forEach(reason -> metrics.mean(name(reason), step.getOrDefault(reason, 0L), stepRows));
        return metrics;
    }

    private static String name(String reason) {
        return reason.equals(KEPT) ? "kept" : "removed/" + reason;
    }

    /** Rows that stay. */
    long kept() {
        return total(KEPT);
    }

    private long rows() {
        return groups.values().stream().mapToLong(Long::longValue).sum();
    }

    private long total(String reason) {
        return counts.getOrDefault(reason, Map.of()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** The reason of most removed rows; empty where none was removed. */
    String mostFrequent() {
        return counts.keySet().stream()
                .filter(reason -> !reason.equals(KEPT))
                .max(Comparator.comparingLong(this::total))
                .orElse("");
    }

    /** Final metrics, and what the report shows. */
    void summarize(StageContext context) {
        double rows = rows();
        context.summarize("rows_read", rows);
        context.summarize("rows_written", kept());
        counts.keySet().forEach(reason -> context.summarize(name(reason), total(reason) / rows));
        Map<String, Object> removed = new LinkedHashMap<>();
        counts.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(KEPT))
                .sorted(Comparator.comparingLong((Map.Entry<String, ?> entry) -> -total(entry.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .forEach(entry -> {
                    Map<String, Object> of = new LinkedHashMap<>();
                    of.put("rows", total(entry.getKey()));
                    of.put("share", total(entry.getKey()) / rows);
                    if (groups.size() > 1) {
                        of.put("groups", largest(entry.getValue()));
                    }
                    removed.put(entry.getKey(), of);
                });
        context.summarize("removed", removed);
        if (groups.size() > 1) {
            context.summarize("groups", mixture(rows));
        }
    }

    private static Map<String, Long> largest(Map<String, Long> counts) {
        Map<String, Long> largest = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(SHOWN_GROUPS)
                .forEach(entry -> largest.put(entry.getKey(), entry.getValue()));
        return largest;
    }

    /** Each group's rows and its shares of the mixture before and after. */
    private Map<String, Object> mixture(double rows) {
        Map<String, Long> kept = counts.getOrDefault(KEPT, Map.of());
        Map<String, Object> mixture = new LinkedHashMap<>();
        largest(groups).forEach((group, count) -> {
            Map<String, Object> of = new LinkedHashMap<>();
            long stays = kept.getOrDefault(group, 0L);
            of.put("rows", count);
            of.put("kept", stays);
            of.put("share_before", count / rows);
            of.put("share_after", kept() == 0 ? 0 : (double) stays / kept());
            mixture.put(group, of);
        });
        return mixture;
    }

    @Override
    public void save(ObjectNode state) {
        ObjectNode saved = state.putObject("counts");
        counts.forEach((reason, of) -> of.forEach(saved.putObject(reason)::put));
        groups.forEach(state.putObject("groups")::put);
        samples.forEach(state.putObject("samples")::put);
    }

    @Override
    public void restore(ObjectNode state) {
        counts.clear();
        groups.clear();
        samples.clear();
        state.path("counts").properties().forEach(reason -> {
            Map<String, Long> of = counts.computeIfAbsent(reason.getKey(), key -> new TreeMap<>());
            reason.getValue()
                    .properties()
                    .forEach(group -> of.put(group.getKey(), group.getValue().asLong()));
        });
        state.path("groups")
                .properties()
                .forEach(group -> groups.put(group.getKey(), group.getValue().asLong()));
        state.path("samples")
                .properties()
                .forEach(of -> samples.put(of.getKey(), of.getValue().asInt()));
    }
}
