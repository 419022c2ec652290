package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.web.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where the configurations of runs differ, key by key; seeds that follow from the run's are left out. */
final class Differences {
    private Differences() {}

    /** Rows of a key and its value in each run, "" where it has none. */
    static ObjectNode of(Map<String, Path> runs) {
        Map<String, Map<String, String>> byKey = new TreeMap<>();
        runs.forEach((name, folder) -> configuration(folder)
                .forEach((key, value) -> byKey.computeIfAbsent(key, missing -> new LinkedHashMap<>())
                        .put(name, value)));
        ObjectNode answer = Json.object();
        answer.set("runs", Json.texts(runs.keySet()));
        ArrayNode rows = answer.putArray("rows");
        byKey.forEach((key, values) -> {
            List<String> row = runs.keySet().stream()
                    .map(name -> values.getOrDefault(name, ""))
                    .toList();
            if (row.stream().distinct().count() > 1) {
                rows.addObject().put("key", key).set("values", Json.texts(row));
            }
        });
        return answer;
    }

    private static Map<String, String> configuration(Path run) {
        Map<String, String> all = new LinkedHashMap<>();
        RunView.stages(run, RunProcess.of(run))
                .forEach(stage -> StageConfig.read(stage)
                        .forEach((key, value) -> all.put(stage.getFileName() + "." + key, value)));
        return all;
    }
}
