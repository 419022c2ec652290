package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.run.StageNeeds;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

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

    /** Bytes that the largest stage takes, as far as that is known. */
    long largest() {
        return runs.stream()
                .flatMap(run -> run.needs().values().stream())
                .mapToLong(StageNeeds::bytes)
                .max()
                .orElse(0);
    }

    /**
     * Checks that so many runs fit side by side.
     *
     * @throws UserError when they do not
     */
    void requireMemory(int jobs, OptionalLong bound) {
        if (jobs > 1 && bound.isPresent() && largest() * jobs > bound.getAsLong()) {
            throw new UserError(
                    "%d runs at a time may take %.1f GB of memory, and there are %.1f GB; at most --jobs %d or --cluster processes:%<d"
                            .formatted(
                                    jobs,
                                    largest() * jobs / 1e9,
                                    bound.getAsLong() / 1e9,
                                    Math.max(1, bound.getAsLong() / largest())));
        }
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
