package io.github.rlhf4j.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.ModelReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds models that PPO has trained on the very reward model that judges them: more of its reward is then what they were made for, and says little about their worth. The stage's
 * provenance.json, beside the model's folder, tells what it was trained on.
 */
final class TrainedJudge {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path judge;
    private Optional<String> digest = Optional.empty();

    private TrainedJudge(Path judge) {
        this.judge = judge;
    }

    /** A line about the models that {@code reward} has trained; empty where there are none, or nothing is known of where they come from. */
    static Optional<String> warning(List<ModelReference> models, ModelReference reward) {
        TrainedJudge judge = new TrainedJudge(reward.directory());
        List<String> trained = new ArrayList<>();
        for (ModelReference model : models) {
            if (judge.hasTrained(model.directory())) {
                trained.add(EvaluateConfig.name(model));
            }
        }
        return trained.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "reward_model " + reward.given() + " judges " + String.join(", ", trained)
                                + ", which PPO trained on it: its reward shows how well it was followed, not how good"
                                + " the answers are; give a reward model that was trained on other pairs (docs/algorithms/evaluate.md)");
    }

    private boolean hasTrained(Path model) {
        Path stage = model.toAbsolutePath().normalize().getParent();
        JsonNode provenance = stage == null ? MAPPER.missingNode() : read(stage.resolve("provenance.json"));
        if (stage == null || !provenance.path("type").asText().equals("ppo")) {
            return false;
        }
        String given = provenance.at("/config/reward_model/value").asText();
        for (Path used : candidates(stage, given)) {
            if (isJudge(used)) {
                return true;
            }
        }
        return provenance.path("parents").has(given)
                && provenance.path("parents").path(given).asText().equals(digest());
    }

    /** What the name of a reward model may mean: a stage of the same run, or a folder. */
    private static List<Path> candidates(Path stage, String given) {
        Path run = stage.getParent();
        List<Path> candidates = new ArrayList<>();
        try {
            if (run != null && !given.isEmpty()) {
                candidates.add(run.resolve(given).resolve("model"));
                candidates.add(Path.of(given));
            }
        } catch (InvalidPathException e) {
            return List.of();
        }
        return candidates.stream().filter(Files::isDirectory).toList();
    }

    private boolean isJudge(Path used) {
        try {
            return Files.isSameFile(used, judge)
                    || Files.isRegularFile(used.resolve("config.json"))
                            && AtomicFiles.sha256OfDirectory(used).equals(digest());
        } catch (IOException e) {
            return false;
        }
    }

    private String digest() {
        if (digest.isEmpty()) {
            digest = Optional.of(AtomicFiles.sha256OfDirectory(judge));
        }
        return digest.get();
    }

    private static JsonNode read(Path file) {
        try {
            return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : MAPPER.missingNode();
        } catch (IOException e) {
            return MAPPER.missingNode();
        }
    }
}
