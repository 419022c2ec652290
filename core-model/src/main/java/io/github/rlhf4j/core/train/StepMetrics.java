package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;

/** Named metrics of one optimiser step, gathered over its micro-batches: means, minima, maxima and plain values. */
public final class StepMetrics {
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<Class<?>, Gathered<?>> gathered = new LinkedHashMap<>();

    private enum Kind {
        MEAN,
        MIN,
        MAX,
        VALUE
    }

    private static final class Entry {
        private final Kind kind;
        private double sum;
        private double count;

        private Entry(Kind kind) {
            this.kind = kind;
        }

        private double value() {
            return sum / count;
        }
    }

    /** What an objective gathers of its own kind. */
    private record Gathered<T>(Class<T> kind, T value, BinaryOperator<T> join) {
        private void addTo(StepMetrics metrics) {
            metrics.gather(kind, value, join);
        }
    }

    /** Adds {@code sum} of {@code count} observations to a mean; a mean of none is left out. */
    public void mean(String name, double sum, double count) {
        if (count > 0) {
            Entry entry = entries.computeIfAbsent(name, key -> new Entry(Kind.MEAN));
            entry.sum += sum;
            entry.count += count;
        }
    }

    /** The smallest of all values given under this name. */
    public void min(String name, double value) {
        Entry known = entries.get(name);
        put(name, Kind.MIN, known == null ? value : Math.min(known.value(), value));
    }

    /** The largest of all values given under this name. */
    public void max(String name, double value) {
        Entry known = entries.get(name);
        put(name, Kind.MAX, known == null ? value : Math.max(known.value(), value));
    }

    /** A plain value; the last one counts. */
    public void set(String name, double value) {
        put(name, Kind.VALUE, value);
    }

    private void put(String name, Kind kind, double value) {
        Entry entry = new Entry(kind);
        entry.sum = value;
        entry.count = 1;
        entries.put(name, entry);
    }

    /**
     * Adds to what is gathered of a kind: statistics that are no plain means. Parts join in the order of the step's micro-batches, whenever they were computed.
     *
     * @param join the whole of an earlier part and a later one
     */
    public <T> void gather(Class<T> kind, T part, BinaryOperator<T> join) {
        T whole = gathered(kind).map(before -> join.apply(before, part)).orElse(part);
        gathered.put(kind, new Gathered<>(kind, whole, join));
    }

    /** All that was gathered of a kind. */
    public <T> Optional<T> gathered(Class<T> kind) {
        Gathered<?> found = gathered.get(kind);
        return found == null ? Optional.empty() : Optional.of(kind.cast(found.value()));
    }

    /** Adds the observations of a part that follows: means join, as do minima and maxima; of plain values the later one counts. */
    public void addAll(StepMetrics other) {
        other.gathered.values().forEach(part -> part.addTo(this));
        other.entries.forEach((name, entry) -> {
            switch (entry.kind) {
                case MEAN -> mean(name, entry.sum, entry.count);
                case MIN -> min(name, entry.sum);
                case MAX -> max(name, entry.sum);
                case VALUE -> set(name, entry.sum);
            }
        });
    }

    /** Writes them for {@link #read}, but for what was gathered. */
    public void write(WireWriter out) {
        out.putInt(entries.size());
        entries.forEach((name, entry) -> out.putText(name)
                .putInt(entry.kind.ordinal())
                .putDouble(entry.sum)
                .putDouble(entry.count));
    }

    /** What {@link #write} wrote. */
    public static StepMetrics read(WireReader in) {
        StepMetrics metrics = new StepMetrics();
        for (int left = in.getInt(); left > 0; left--) {
            String name = in.getText();
            Entry entry = new Entry(Kind.values()[in.getInt()]);
            entry.sum = in.getDouble();
            entry.count = in.getDouble();
            metrics.entries.put(name, entry);
        }
        return metrics;
    }

    /** Adds metrics of other examples of the same step: as {@link #addAll}, but a plain value becomes the mean of all. */
    public void join(StepMetrics other) {
        StepMetrics means = new StepMetrics();
        other.entries.forEach((name, entry) -> {
            if (entry.kind == Kind.VALUE) {
                means.mean(name, entry.sum, 1);
            } else {
                means.entries.put(name, entry);
            }
        });
        addAll(means);
    }

    /** Name to value, in order of first appearance. */
    public Map<String, Double> values() {
        Map<String, Double> values = new LinkedHashMap<>();
        entries.forEach((name, entry) -> values.put(name, entry.value()));
        return values;
    }
}
