package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.experiment.RunMetric;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page posttraining: what the evaluation says of each stage's model, and what the model still knows of held-out texts. */
public final class Posttraining implements Measure {
    @Override
    public void measure(Subject subject) {
        List<String> texts = subject.rows(subject.settings().text("texts"), TextRecord.class).stream()
                .map(TextRecord::text)
                .limit(subject.settings().count("most_texts"))
                .toList();
        for (String stage : subject.settings().texts("stages")) {
            Map<String, Double> metrics = new LinkedHashMap<>();
            for (String metric : subject.settings().texts("metrics")) {
                RunMetric.of(subject.run(), "evaluate." + stage + "." + metric) // the baseline has no KL to itself
                        .ifPresent(value -> metrics.put(metric, value));
            }
            metrics.put("bits_per_byte", bitsPerByte(subject, stage, texts));
            subject.add(Map.of("stage", stage), metrics);
        }
    }

    /** Of the texts after their first tokens. */
    private static double bitsPerByte(Subject subject, String stage, List<String> texts) {
        double nats = 0;
        double bytes = 0;
        try (LanguageModel model = subject.model(stage)) {
            for (String text : texts) {
                nats -= model.logProbs(text).sumLogProb();
                bytes += text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return nats / Math.log(2) / bytes;
    }
}
