package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.Scorer;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.runs.StageConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much more likely each token of a response is under the model that a stage has made than under the one it is held against: the log-ratio, in nats, whose sum over the response is its part of the KL. Two models are open at a time,
 * those of the stage that was asked about last.
 */
final class TokenRatios implements AutoCloseable {
    private final Rlhf4j engine;
    private @Nullable Path stage;
    private @Nullable LanguageModel policy;
    private @Nullable LanguageModel reference;

    TokenRatios(Rlhf4j engine) {
        this.engine = engine;
    }

    /**
     * The tokens of a response with their log-ratios.
     *
     * @param folder of the stage
     * @throws UserError where the stage has made no model yet, or a text is too long for it
     */
    synchronized ObjectNode of(Path folder, String prompt, String response) {
        open(folder);
        LanguageModel after = java.util.Objects.requireNonNull(policy);
        LanguageModel before = java.util.Objects.requireNonNull(reference);
        Scorer.Scored under = after.logProbs(prompt, response);
        Scorer.Scored held = before.logProbs(prompt, response);
        if (!Arrays.equals(under.ids(), held.ids())) {
            throw new UserError("the two models read the text as other tokens, so they cannot be compared");
        }
        int promptTokens = common(after.logProbs(prompt).ids(), under.ids());
        ObjectNode answer = Json.object();
        ArrayNode tokens = answer.putArray("tokens");
        List<String> texts = after.tokenizer().texts(under.ids());
        double sum = 0;
        for (int i = promptTokens; i < texts.size(); i++) {
            double ratio = i == 0 ? 0 : under.logProbs()[i - 1] - held.logProbs()[i - 1];
            sum += ratio;
            tokens.addObject()
                    .put("text", texts.get(i))
                    .put("log_ratio", ratio)
                    .put("log_prob", i == 0 ? 0 : under.logProbs()[i - 1]);
        }
        return answer.put("sum", sum);
    }

    private static int common(int[] first, int[] second) {
        int mismatch = Arrays.mismatch(first, second);
        return mismatch < 0 ? first.length : Math.min(mismatch, first.length);
    }

    private void open(Path folder) {
        if (folder.equals(stage)) {
            return;
        }
        close();
        Path made = folder.resolve("model");
        if (!Files.isRegularFile(made.resolve("config.json"))) {
            throw new UserError("stage " + folder.getFileName() + " has made no model yet");
        }
        Map<String, String> config = StageConfig.read(folder);
        String against = config.getOrDefault("ref_model", "");
        if (against.isEmpty() || against.equals("null")) {
            against = config.getOrDefault("model", "");
        }
        Path earlier = folder.resolveSibling(against).resolve("model");
        policy = engine.languageModel(made);
        reference = engine.languageModel(Files.isDirectory(earlier) ? earlier : Path.of(against));
        stage = folder;
    }

    @Override
    public synchronized void close() {
        LanguageModel after = policy;
        LanguageModel before = reference;
        stage = null;
        policy = null;
        reference = null;
        if (after != null) {
            after.close();
        }
        if (before != null) {
            before.close();
        }
    }
}
