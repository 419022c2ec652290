package io.github.rlhf4j.experiment;

import java.nio.file.Path;
import java.util.List;

/**
 * An experiment that is checked: nothing has run yet.
 *
 * @param folder where it goes
 * @param measures the metrics of interest
 * @param baseline values of the group that the others are compared with
 */
record ExperimentPlan(
        Path folder,
        List<PlannedRun> runs,
        List<Measure> measures,
        Values baseline,
        List<Scatter> scatters,
        Budget budget) {
    List<String> metrics() {
        return measures.stream().map(Measure::name).toList();
    }

    /** Runs of stages, those that several runs share counted once. */
    long distinctStages() {
        return runs.stream()
                .flatMap(run -> run.digests().values().stream())
                .distinct()
                .count();
    }

    long allStages() {
        return runs.stream().mapToLong(run -> run.digests().size()).sum();
    }
}
