package io.github.rlhf4j.lab;

import io.github.rlhf4j.experiment.Estimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Observations that differ in their seeds alone.
 *
 * @param values without the seed
 */
public record Group(Map<String, Object> values, Map<String, Estimate> metrics) {
    /** In the order in which their first observations came. */
    static List<Group> of(List<Observation> observations) {
        Map<Map<String, Object>, Map<String, List<Double>>> samples = new LinkedHashMap<>();
        for (Observation one : observations) {
            Map<String, Object> values = new LinkedHashMap<>(one.values());
            values.remove("seed");
            Map<String, List<Double>> metrics = samples.computeIfAbsent(values, key -> new LinkedHashMap<>());
            one.metrics()
                    .forEach((name, value) -> metrics.computeIfAbsent(name, key -> new ArrayList<>())
                            .add(value));
        }
        List<Group> groups = new ArrayList<>();
        samples.forEach((values, metrics) -> {
            Map<String, Estimate> statistics = new LinkedHashMap<>();
            metrics.forEach((name, sample) -> statistics.put(
                    name,
                    Estimate.of(sample.stream().mapToDouble(Double::doubleValue).toArray())));
            groups.add(new Group(values, statistics));
        });
        return groups;
    }

    /** The groups of each seed by itself; what has no seed is in none. */
    static Map<Long, List<Group>> bySeed(List<Observation> observations) {
        Map<Long, List<Observation>> own = new TreeMap<>();
        observations.forEach(one -> {
            if (one.values().get("seed") instanceof Number seed) {
                own.computeIfAbsent(seed.longValue(), key -> new ArrayList<>()).add(one);
            }
        });
        Map<Long, List<Group>> groups = new TreeMap<>();
        own.forEach((seed, ones) -> groups.put(seed, of(ones)));
        return groups;
    }

    /** Whether it has these values; a number and its text are the same. */
    public boolean matches(Map<String, Object> where) {
        return where.entrySet().stream()
                .allMatch(entry -> values.containsKey(entry.getKey())
                        && text(values.get(entry.getKey())).equals(text(entry.getValue())));
    }

    static String text(Object value) {
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && Math.abs(number.doubleValue()) < 1e15) {
            return Long.toString(number.longValue());
        }
        return String.valueOf(value);
    }

    /** A value or the mean of a metric as a number; NaN where it is none. */
    public double number(String name) {
        Estimate metric = metrics.get(name);
        if (metric != null) {
            return metric.mean();
        }
        return values.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
}
