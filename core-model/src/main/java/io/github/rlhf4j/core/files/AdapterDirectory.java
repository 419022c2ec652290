package io.github.rlhf4j.core.files;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An adapter as peft's directory: adapter_config.json and adapter_model.safetensors. */
public final class AdapterDirectory {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String STATISTICS = "score_statistics.json"; // ours: peft has no place for them

    private final Path path;
    private final ObjectNode config;

    private AdapterDirectory(Path path, ObjectNode config) {
        this.path = path;
        this.config = config;
    }

    /**
     * Opens a directory: reads adapter_config.json and leaves the weights for when they are asked for.
     *
     * @throws UserError where it is not one
     */
    public static AdapterDirectory open(Path path) {
        for (String name : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(path.resolve(name))) {
                throw new UserError(path + " has no " + name + ": give the directory of an adapter as peft saves it");
            }
        }
        return new AdapterDirectory(path, JsonFiles.readObject(path.resolve(CONFIG)));
    }

    /** adapter_config.json, a copy. */
    public ObjectNode config() {
        return config.deepCopy();
    }

    /** Whether it makes a reward model of its base; empty where task_type does not tell. */
    public Optional<Boolean> isRewardModel() {
        return switch (config.path("task_type").asText()) {
            case "SEQ_CLS" -> Optional.of(true);
            case "CAUSAL_LM" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** Where {@link #config} was read from. */
    public Path configFile() {
        return path.resolve(CONFIG);
    }

    /** What a reward stage has stored about the scores of base and adapter. */
    public Optional<ScoreStatistics> scoreStatistics() {
        Path file = path.resolve(STATISTICS);
        return Files.isRegularFile(file)
                ? Optional.of(ScoreStatistics.of(JsonFiles.readObject(file)))
                : Optional.empty();
    }

    /** Stores that in a directory that {@link #write} has made. */
    public static void addScoreStatistics(Path directory, ScoreStatistics statistics) {
        AtomicFiles.writeString(directory.resolve(STATISTICS), JsonFiles.toText(statistics.toJson()));
    }

    /** Whether a folder looks like one. */
    public static boolean isOne(Path path) {
        return Files.isRegularFile(path.resolve(CONFIG));
    }

    /** Whether a reward model's head is among its weights. */
    public boolean hasScalarHead() {
        try (SafetensorsReader reader = openWeights()) {
            return reader.names().stream().anyMatch(name -> name.endsWith(".score.weight"));
        }
    }

    /** Opens its weights, to be closed by the caller. */
    public SafetensorsReader openWeights() {
        return SafetensorsReader.open(path.resolve(WEIGHTS));
    }

    /** Writes a directory, replacing the one that is there; the weights as float32. */
    public static void write(Path directory, ObjectNode config, List<TensorEntry> weights) {
        AtomicFiles.writeDirectory(directory, temporary -> {
            AtomicFiles.writeString(temporary.resolve(CONFIG), JsonFiles.toText(config));
            new SafetensorsWriter(FloatType.F32).writeFile(temporary.resolve(WEIGHTS), weights);
        });
    }
}
