package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page posttraining: what the evaluation says of each stage's model. */
public final class Posttraining implements Measure {
    @Override
    public void measure(Subject subject) {
        for (String stage : subject.settings().texts("stages")) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            for (String metric : subject.settings().texts("metrics")) {
                RunMetric.of(subject.run(), "evaluate." + stage + "." + metric) // the baseline has no KL to itself
                        .ifPresent(value -> metrics.put(metric, value));
            }
            subject.add(Map.of("stage", stage), metrics);
        }
    }
}
