package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.List;
import java.util.Map;

/** The page labels: accuracy of reward models by kind and number of labels. */
public final class Labels implements Measure {
    @Override
    public void measure(Subject subject) {
        List<String> words =
                List.of(String.valueOf(subject.values().get("labels")).split(",? ")); // pairs, 650 answers
        for (String rankings : subject.settings().texts("rankings")) {
            double accuracy = RunMetric.of(subject.run(), "evaluate.synthetic:" + rankings + ".accuracy")
                    .orElseThrow(() -> new UserError("the evaluation has no accuracy on " + rankings));
            subject.add(
                    Map.of("kind", words.get(0), "answers", Integer.valueOf(words.get(1)), "against", rankings),
                    Map.of("accuracy", accuracy));
        }
    }
}
