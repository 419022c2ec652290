package io.github.rlhf4j;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a complete stage has made: metrics, samples, a model. */
public final class StageResult {
    private final Rlhf4j engine;
    private final String name;
    private final Path folder;
    private final JsonNode summary;

    StageResult(Rlhf4j engine, String name, Path folder, JsonNode summary) {
        this.engine = engine;
        this.name = name;
        this.folder = folder;
        this.summary = summary;
    }

    /** Its name in the run. */
    public String name() {
        return name;
    }

    /** Its type, such as {@code dpo}. */
    public String type() {
        return summary.path("type").asText();
    }

    /** runs/&lt;name&gt;/&lt;stage&gt;/: metrics.jsonl, samples.jsonl, model/ and more. */
    public Path folder() {
        return folder;
    }

    /** The stage's entry of summary.json: metrics, seconds, and for a stage of type {@code evaluate} means with standard errors of each model. */
    public JsonNode summary() {
        return summary;
    }

    /** The last value of every metric, by its name in docs/algorithms. */
    public Map<String, Double> metrics() {
        return numbers(summary.path("metrics"));
    }

    /**
     * One of them.
     *
     * @throws UserError when the stage has no such metric
     */
    public double metric(String metric) {
        Double value = metrics().get(metric);
        if (value == null) {
            throw new UserError("stage " + name + " has no metric " + metric + "; it has "
                    + String.join(", ", metrics().keySet()));
        }
        return value;
    }

    /** The lines of metrics.jsonl: {@code step}, and what was logged at it. */
    public List<Map<String, Double>> history() {
        return lines("metrics.jsonl").stream().map(StageResult::numbers).toList();
    }

    /** The lines of samples.jsonl: prompts, texts and scores; none where the stage takes no samples. */
    public List<JsonNode> samples() {
        return lines("samples.jsonl");
    }

    /** The lines of messages.jsonl: notes, warnings and self-checks, each with {@code level} and {@code message}. */
    public List<JsonNode> messages() {
        return lines("messages.jsonl");
    }

    /** The folder of the model that it made, a Hugging Face model. */
    public Path modelFolder() {
        return folder.resolve("model");
    }

    /** Whether it made a model that writes text. */
    public boolean hasLanguageModel() {
        return Files.isRegularFile(modelFolder().resolve("config.json"))
                && Head.of(HuggingFaceConfig.read(modelFolder())) == Head.LANGUAGE;
    }

    /**
     * Opens the language model that it made; the caller closes it.
     *
     * @throws UserError when it made none
     */
    public LanguageModel model() {
        return engine.languageModel(requireModel());
    }

    /**
     * Opens the reward model that it made; the caller closes it.
     *
     * @throws UserError when it made none
     */
    public RewardModel rewardModel() {
        return engine.rewardModel(requireModel());
    }

    private Path requireModel() {
        if (!Files.isDirectory(modelFolder())) {
            throw new UserError("stage " + name + " of type " + type() + " has made no model");
        }
        return modelFolder();
    }

    private static Map<String, Double> numbers(JsonNode object) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        object.properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                numbers.put(entry.getKey(), entry.getValue().doubleValue());
            }
        });
        return Collections.unmodifiableMap(numbers);
    }

    private List<JsonNode> lines(String file) {
        Path path = folder.resolve(file);
        if (!Files.isRegularFile(path)) {
            return List.of();
        }
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(path)) {
                lines.add(mapper.readTree(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
        return lines;
    }
}
