package io.github.rlhf4j.web.runs;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The files of metrics that pages look at, each read once while there is memory for it. */
final class MetricFiles {
    static final String METRICS = "metrics.jsonl";
    static final String TIMING = "timing.jsonl";

    private final Map<Path, SoftReference<MetricFile>> files = new ConcurrentHashMap<>();

    /** That of a stage's folder, with all that is in it now. */
    MetricFile of(Path stage, String name) {
        MetricFile file = held(stage.resolve(name));
        file.refresh();
        return file;
    }

    private MetricFile held(Path path) {
        MetricFile[] found = new MetricFile[1];
        files.compute(path, (key, reference) -> {
            MetricFile known = reference == null ? null : reference.get();
            found[0] = known == null ? new MetricFile(path) : known;
            return known == null ? new SoftReference<>(found[0]) : reference;
        });
        return found[0];
    }
}
