package io.github.rlhf4j.tracking;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A stage that a tracker is told of.
 *
 * @param name in the run file
 * @param type such as {@code dpo}
 * @param folder runs/&lt;run&gt;/&lt;name&gt;/
 * @param config key to value, as a run file would write it, in the order of the stage's config.yaml
 */
public record TrackedStage(String name, String type, Path folder, Map<String, String> config) {
    public TrackedStage {
        config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    }
}
