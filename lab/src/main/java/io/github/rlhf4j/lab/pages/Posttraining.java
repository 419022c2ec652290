package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page posttraining: what the evaluation says of each stage's model. */
public final class Posttraining implements Measure {
    @Override
    public void measure(Subject subject) {
        Evaluated evaluated = Evaluated.of(subject, "evaluate");
        for (String stage : subject.settings().texts("stages")) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            for (String metric : subject.settings().texts("metrics")) {
                if (evaluated.has(stage, metric)) {
                    metrics.put(metric, evaluated.ofModel(stage, metric));
                }
            }
            subject.add(Map.of("stage", stage), metrics);
        }
    }
}
