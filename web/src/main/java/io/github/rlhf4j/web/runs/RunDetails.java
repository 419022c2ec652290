package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.pipeline.report.MetricGuide;
import io.github.rlhf4j.web.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Everything of one run beside its curves: stages with their metrics and what these mean, configuration, messages, the end of its log. */
final class RunDetails {
    private static final int LOG_BYTES = 64 << 10;
    private static final int MOST_MESSAGES = 500;

    private final MetricFiles files;

    RunDetails(MetricFiles files) {
        this.files = files;
    }

    ObjectNode of(String name, Path run) {
        ObjectNode details = RunView.brief(name, run);
        details.put("folder", run.toString());
        List<Path> folders = new ArrayList<>();
        details.path("stages").forEach(view -> {
            Path stage = run.resolve(view.path("name").asText());
            add((ObjectNode) view, stage);
            folders.add(stage);
        });
        details.put("log", LastLines.text(run.resolve("run.log"), LOG_BYTES));
        details.set("guide", guide(folders));
        return details;
    }

    private void add(ObjectNode view, Path stage) {
        MetricFile metrics = files.of(stage, MetricFiles.METRICS);
        view.set("metrics", Json.texts(metrics.metrics()));
        ObjectNode last = view.putObject("last");
        metrics.last().forEach(last::put);
        view.put("draft", metrics.isDraft());
        ObjectNode config = view.putObject("config");
        StageConfig.read(stage).forEach(config::put);
        view.set("messages", Json.lines(stage.resolve("messages.jsonl"), MOST_MESSAGES));
        view.set("summary", Json.read(stage.resolve("done.json")).path("summary"));
    }

    /** What is known of the metrics of these stages. */
    private ObjectNode guide(List<Path> stages) {
        TreeMap<String, MetricGuide.Entry> known = new TreeMap<>();
        stages.forEach(stage -> files.of(stage, MetricFiles.METRICS)
                .metrics()
                .forEach(metric -> MetricGuide.of(metric).ifPresent(entry -> known.put(metric, entry))));
        ObjectNode guide = Json.object();
        known.forEach((metric, entry) ->
                guide.putObject(metric).put("brief", entry.brief()).put("what", entry.what()));
        return guide;
    }
}
