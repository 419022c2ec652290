package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.core.generation.ScoringTokens;
import io.github.rlhf4j.pipeline.config.AdaptedModel;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.model.ModelChoice;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.runs.StageConfig;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How much more likely each token of a response is under the model that a stage has made than under the one it is held against: the log-ratio, in nats, whose sum over the response is its part of the KL. One model is worked with after
 * the other.
 */
final class TokenRatios {
    private final ModelShelf shelf;

    TokenRatios(ModelShelf shelf) {
        this.shelf = shelf;
    }

    /** What the stage's model says of prompt and response: log-probs, the texts of the tokens, and how many of these are the prompt's. */
    private record Read(Scorer.Scored scored, List<String> texts, int promptTokens) {
        static Read by(LanguageModel model, String prompt, String response) {
            Scorer.Scored scored = model.logProbs(prompt, response);
            int[] promptIds = new ScoringTokens(model.tokenizer()).text(prompt);
            return new Read(scored, model.tokenizer().texts(scored.ids()), common(promptIds, scored.ids()));
        }
    }

    /**
     * The tokens of a response with their log-ratios.
     *
     * @param folder of the stage
     * @throws UserError where the stage has made no model yet, or a text is too long for it
     */
    ObjectNode of(Path folder, String prompt, String response) {
        Path made = folder.resolve("model");
        if (!Files.isRegularFile(made.resolve("config.json"))) {
            throw new UserError("stage " + folder.getFileName() + " has made no model yet");
        }
        Read read = shelf.use(choice(made), model -> Read.by(model, prompt, response));
        Scorer.Scored under = read.scored();
        Scorer.Scored held = shelf.use(reference(folder), model -> model.logProbs(prompt, response));
        if (!Arrays.equals(under.ids(), held.ids())) {
            throw new UserError("the two models read the text as other tokens, so they cannot be compared");
        }
        ObjectNode answer = Json.object();
        ArrayNode tokens = answer.putArray("tokens");
        double sum = 0;
        for (int i = read.promptTokens(); i < under.ids().length; i++) {
            double ratio = i == 0 ? 0 : under.logProbs()[i - 1] - held.logProbs()[i - 1];
            sum += ratio;
            tokens.addObject()
                    .put("text", read.texts().get(i))
                    .put("log_ratio", ratio)
                    .put("log_prob", i == 0 ? 0 : under.logProbs()[i - 1]);
        }
        return answer.put("sum", sum);
    }

    private static ModelChoice choice(Path model) {
        return new ModelChoice(model, Optional.empty());
    }

    /** The model that a stage's is held against: that of an earlier stage, or a folder, or one with an adapter. */
    private static ModelChoice reference(Path folder) {
        Map<String, String> config = StageConfig.read(folder);
        String against = config.getOrDefault("ref_model", "");
        if (against.isEmpty() || against.equals("null")) {
            against = config.getOrDefault("model", "");
        }
        ConfigValue value = ConfigValue.ofLine(against);
        if (value instanceof ConfigValue.Scalar name) {
            return choice(earlier(folder, name.text(), "model"));
        }
        return Optional.of(value)
                .filter(ConfigValue.Entries.class::isInstance)
                .map(ConfigValue.Entries.class::cast)
                .flatMap(AdaptedModel::of)
                .map(pair -> new ModelChoice(
                        earlier(folder, pair.base().text(), "model"),
                        Optional.of(earlier(folder, pair.adapter().text(), "adapter"))))
                .orElseThrow(() -> new UserError("the model that the stage's is held against is not one"));
    }

    /** What an earlier stage has made, or the folder of that name. */
    private static Path earlier(Path folder, String name, String part) {
        try {
            Path made = folder.resolveSibling(name).resolve(part);
            return Files.isDirectory(made) ? made : Path.of(name);
        } catch (InvalidPathException e) {
            throw new UserError(name + " is not the name of a folder", e);
        }
    }

    private static int common(int[] first, int[] second) {
        int mismatch = Arrays.mismatch(first, second);
        return mismatch < 0 ? first.length : Math.min(mismatch, first.length);
    }
}
