package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ModelOutline;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What is known of the models of a run before it starts: of folders, each read once, and of what stages will make. */
final class ModelOutlines {
    private final Map<Path, ModelOutline> folders = new HashMap<>();
    private final Map<String, ModelOutline> stages = new HashMap<>();

    /**
     * Of a folder that exists.
     *
     * @throws UserError when config and tokenizer are not those of a model
     */
    ModelOutline ofFolder(Path folder) {
        return folders.computeIfAbsent(folder, ModelOutline::of);
    }

    /** Of a stage that comes earlier. */
    Optional<ModelOutline> ofStage(String stage) {
        return Optional.ofNullable(stages.get(stage));
    }

    void add(String stage, ModelOutline outline) {
        stages.put(stage, outline);
    }
}
