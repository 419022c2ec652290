package io.github.rlhf4j.experiment;

import io.github.rlhf4j.Run;
import java.util.OptionalDouble;

/** A metric of a run by the name that {@code experiment.metrics} has for it. */
public final class RunMetric {
    private RunMetric() {}

    /**
     * Its value; empty where the stage gives no such metric.
     *
     * @param name {@code stage.metric}; of an evaluation {@code stage.model.metric}, of rankings {@code stage.dataset.metric}
     */
    public static OptionalDouble of(Run run, String name) {
        return Measure.value(run.stage(Measure.stage(name)).summary(), Measure.rest(name));
    }
}
