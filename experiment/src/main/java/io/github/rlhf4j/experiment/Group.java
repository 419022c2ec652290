package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs that differ in their seeds alone.
 *
 * @param values what was varied, without seeds
 * @param metrics of the complete runs
 * @param runs the complete ones, in the order of the experiment
 */
public record Group(Values values, Map<String, Estimate> metrics, List<RunResult> runs) {
    public Group {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
        runs = List.copyOf(runs);
    }

    /** The groups of some runs, in their order. */
    static List<Group> of(List<RunResult> runs, List<String> metrics) {
        Map<Values, List<RunResult>> byValues = new LinkedHashMap<>();
        for (RunResult run : runs) {
            List<RunResult> group = byValues.computeIfAbsent(run.values().withoutSeeds(), key -> new ArrayList<>());
            if (run.isComplete()) {
                group.add(run);
            }
        }
        List<Group> groups = new ArrayList<>();
        byValues.forEach((values, members) -> {
            Map<String, Estimate> estimates = new LinkedHashMap<>();
            for (String metric : metrics) {
                double[] measured = members.stream()
                        .filter(run -> run.metrics().containsKey(metric))
                        .mapToDouble(run -> run.metric(metric))
                        .toArray();
                if (measured.length > 0) {
                    estimates.put(metric, Estimate.of(measured));
                }
            }
            groups.add(new Group(values, estimates, members));
        });
        return groups;
    }

    /**
     * The mean of one of the metrics.
     *
     * @throws UserError when no complete run has it
     */
    public Estimate metric(String name) {
        Estimate estimate = metrics.get(name);
        if (estimate == null) {
            throw new UserError("no complete run of the group " + values.label() + " has a metric " + name);
        }
        return estimate;
    }
}
