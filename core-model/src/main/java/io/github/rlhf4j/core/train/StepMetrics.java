package io.github.rlhf4j.core.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** Named metrics of one optimiser step, gathered over its micro-batches: means, minima, maxima and plain values. */
public final class StepMetrics {
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private static final class Entry {
        private double sum;
        private double count;

        private double value() {
            return sum / count;
        }
    }

    /** Adds {@code sum} of {@code count} observations to a mean; a mean of none is left out. */
    public void mean(String name, double sum, double count) {
        if (count > 0) {
            Entry entry = entries.computeIfAbsent(name, key -> new Entry());
            entry.sum += sum;
            entry.count += count;
        }
    }

    /** The smallest of all values given under this name. */
    public void min(String name, double value) {
        Entry known = entries.get(name);
        set(name, known == null ? value : Math.min(known.value(), value));
    }

    /** The largest of all values given under this name. */
    public void max(String name, double value) {
        Entry known = entries.get(name);
        set(name, known == null ? value : Math.max(known.value(), value));
    }

    /** A plain value; the last one stands. */
    public void set(String name, double value) {
        Entry entry = new Entry();
        entry.sum = value;
        entry.count = 1;
        entries.put(name, entry);
    }

    /** Adds all of another step's observations (means join, the rest is overwritten). */
    public void addAll(StepMetrics other) {
        other.entries.forEach((name, entry) -> mean(name, entry.sum, entry.count));
    }

    /** Name to value, in order of first appearance. */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        entries.forEach((name, entry) -> values.put(name, entry.value()));
        return values;
    }
}
