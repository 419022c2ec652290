package io.github.rlhf4j.web.runs;

import io.github.rlhf4j.web.lines.SoftlyKept;
import java.nio.file.Path;

/** The files of metrics that pages look at, each read once while there is memory for it. */
final class MetricFiles {
    static final String METRICS = "metrics.jsonl";
    static final String TIMING = "timing.jsonl";

    private final SoftlyKept<MetricFile> files = new SoftlyKept<>(MetricFile::new);

    /** That of a stage's folder, with all that is in it now. */
    MetricFile of(Path stage, String name) {
        MetricFile file = files.of(stage.resolve(name));
        file.refresh();
        return file;
    }
}
