package io.github.rlhf4j.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All that was measured, for conclusions. */
public final class Findings {
    private final Settings settings;
    private final List<Observation> observations;
    private final List<Observation> conclusions = new ArrayList<>();

    Findings(Settings settings, List<Observation> observations) {
        this.settings = settings;
        this.observations = List.copyOf(observations);
    }

    /** The measure's own settings. */
    public Settings settings() {
        return settings;
    }

    /** Each with its seed. */
    public List<Observation> observations() {
        return observations;
    }

    /** Means over seeds. */
    public List<Group> groups() {
        return Group.of(observations);
    }

    /** The groups of each seed by itself, for what is to be concluded once a seed. */
    public Map<Long, List<Group>> groupsBySeed() {
        return Group.bySeed(observations);
    }

    /** Adds what was concluded; sorted by name, since {@code Map.of} has another order in each process. */
    public void add(Map<String, ?> values, Map<String, Double> metrics) {
        conclusions.add(new Observation(new TreeMap<>(values), new TreeMap<>(metrics)));
    }

    List<Observation> conclusions() {
        return conclusions;
    }
}
