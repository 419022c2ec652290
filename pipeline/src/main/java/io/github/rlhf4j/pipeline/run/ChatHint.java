package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How to talk to what a run has made: its last language model that has a chat template. */
final class ChatHint {
    private ChatHint() {}

    /**
     * The line, empty where no model of the run can be talked to.
     *
     * @param stages names in the order of the run
     */
    static Optional<String> line(Path run, List<String> stages) {
        for (int i = stages.size() - 1; i >= 0; i--) {
            Path model = run.resolve(stages.get(i)).resolve("model");
            if (Files.isRegularFile(model.resolve("config.json")) && isChatModel(model)) {
                String stage = run.resolve(stages.get(i)).toString();
                return Optional.of("talk to it: ./rlhf4j chat --model " + quoted(stage));
            }
        }
        return Optional.empty();
    }

    private static boolean isChatModel(Path model) {
        try {
            return hasTemplate(model) && Head.of(HuggingFaceConfig.read(model)) == Head.LANGUAGE;
        } catch (UserError e) {
            return false;
        }
    }

    private static boolean hasTemplate(Path model) {
        Path tokenizer = model.resolve("tokenizer_config.json");
        if (Files.isRegularFile(model.resolve("chat_template.jinja"))) {
            return true;
        }
        return StageFolder.readJson(tokenizer)
                .map(settings -> settings.hasNonNull("chat_template"))
                .orElse(false);
    }

    /** As a shell takes it. */
    private static String quoted(String path) {
        return path.matches("[A-Za-z0-9_./:\\\\-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    }
}
