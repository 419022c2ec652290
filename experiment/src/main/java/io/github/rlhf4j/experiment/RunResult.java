package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What came out of one run.
 *
 * @param values what was varied
 * @param metrics the metrics of interest; none where the run has failed or was not made
 * @param folder the run's, an ordinary run
 * @param failure why there are no metrics, in a line
 */
public record RunResult(Values values, Map<String, Double> metrics, Path folder, Optional<String> failure) {
    public RunResult {
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** Whether it came to its end. */
    public boolean isComplete() {
        return failure.isEmpty();
    }

    /**
     * One of its metrics.
     *
     * @throws UserError when it has no such metric
     */
    public double metric(String name) {
        Double value = metrics.get(name);
        if (value == null) {
            throw new UserError("the run " + values.label() + " has no metric " + name
                    + failure.map(why -> ": " + why).orElse("; it has " + String.join(", ", metrics.keySet())));
        }
        return value;
    }
}
