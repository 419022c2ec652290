package io.github.rlhf4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.PathsBelow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run has made: its folder, and the results of each stage that is complete. Holds no memory but numbers; models are opened when they are asked for. */
public final class Run {
    private final Path folder;
    private final JsonNode summary;
    private final Map<String, StageResult> stages;

    private Run(Path folder, JsonNode summary, Map<String, StageResult> stages) {
        this.folder = folder;
        this.summary = summary;
        this.stages = Collections.unmodifiableMap(stages);
    }

    static Run read(Rlhf4j engine, Path folder) {
        Path file = folder.resolve("summary.json");
        if (!Files.isRegularFile(file)) {
            throw new UserError(folder + " is not the folder of a run with results: it has no summary.json");
        }
        JsonNode summary;
        try {
            summary = new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UserError(file + " cannot be read: it is not valid JSON", e);
        }
        Map<String, StageResult> stages = new LinkedHashMap<>();
        summary.path("stages")
                .properties()
                .forEach(entry -> stages.put(
                        entry.getKey(),
                        new StageResult(
                                engine,
                                entry.getKey(),
                                PathsBelow.of(folder, entry.getKey(), file),
                                entry.getValue())));
        return new Run(folder, summary, stages);
    }

    /** runs/&lt;name&gt;/: a folder for each stage, summary.json, and report.html, which shows all of it. */
    public Path folder() {
        return folder;
    }

    /** The run's page of charts, samples and numbers. */
    public Path report() {
        return folder.resolve("report.html");
    }

    /** summary.json. */
    public JsonNode summary() {
        return summary;
    }

    /** The stages that are complete, in the order of the run. */
    public Map<String, StageResult> stages() {
        return stages;
    }

    /**
     * One of them.
     *
     * @throws UserError when no complete stage has that name
     */
    public StageResult stage(String name) {
        StageResult stage = stages.get(name);
        if (stage == null) {
            throw new UserError("no stage " + name + " is complete in " + folder + "; complete are "
                    + (stages.isEmpty() ? "none" : String.join(", ", stages.keySet())));
        }
        return stage;
    }

    /**
     * The language model of the last stage that made one.
     *
     * @throws UserError when none did
     */
    public LanguageModel model() {
        List<StageResult> made =
                stages.values().stream().filter(StageResult::hasLanguageModel).toList();
        if (made.isEmpty()) {
            throw new UserError("no stage in " + folder + " has made a language model");
        }
        return made.get(made.size() - 1).model();
    }
}
