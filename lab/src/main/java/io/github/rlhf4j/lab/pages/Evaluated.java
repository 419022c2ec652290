package io.github.rlhf4j.lab.pages;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.lab.Subject;

/** What a stage of type evaluate says in the mean. */
final class Evaluated {
    private final JsonNode summary;

    private Evaluated(JsonNode summary) {
        this.summary = summary;
    }

    static Evaluated of(Subject subject, String stage) {
        return new Evaluated(subject.run().stage(stage).summary());
    }

    /** Whether a model has a metric: the baseline has no KL to itself. */
    boolean has(String model, String metric) {
        return summary.path("models").path(model).path(metric).path("mean").isNumber();
    }

    /** Of a model's answers. */
    double ofModel(String model, String metric) {
        return mean("models", model, metric);
    }

    /** Of a reward model on rankings. */
    double ofRankings(String dataset, String metric) {
        return mean("rankings", dataset, metric);
    }

    private double mean(String part, String name, String metric) {
        JsonNode mean = summary.path(part).path(name).path(metric).path("mean");
        if (!mean.isNumber()) {
            throw new UserError("the evaluation has no " + metric + " of " + name);
        }
        return mean.doubleValue();
    }
}
