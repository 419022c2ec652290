package io.github.rlhf4j.reward;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Writes a reward model as a Hugging Face directory whose scores are the same in transformers, texts padded or not: model and tokenizer name the same {@link PaddingToken}. */
final class RewardModelFiles {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RewardModelFiles() {}

    static void write(
            Transformer model,
            Tokenizer tokenizer,
            Path tokenizerFrom,
            ScoreStatistics statistics,
            WeightFormat format,
            StageContext context) {
        HuggingFaceConfig config = model.huggingFaceConfig().withScoreStatistics(statistics);
        Optional<PaddingToken> padding = PaddingToken.of(
                tokenizer, config.tokenId("pad_token_id"), model.config().vocabSize());
        if (padding.isEmpty()) {
            context.warn("the tokenizer has no token to pad with that ends no text, so transformers reads this model's"
                    + " scores before the end token; give the tokenizer a pad_token");
        }
        padding.filter(token -> token.isNewTo(tokenizer))
                .ifPresent(token -> context.note("the tokenizer has no special token but those that end texts: \""
                        + token.text() + "\", id " + token.id() + ", is the model's pad_token"));
        HuggingFaceConfig padded =
                padding.map(token -> config.with("pad_token_id", token.id())).orElse(config);
        AtomicFiles.writeDirectory(context.directory().resolve("model"), directory -> {
            model.saveInto(directory, padded, Optional.of(tokenizerFrom), format);
            if (padding.isPresent()) {
                nameInTokenizer(directory, padding.get());
            }
        });
    }

    private static void nameInTokenizer(Path directory, PaddingToken token) throws IOException {
        setPadToken(directory.resolve("tokenizer_config.json"), token, true);
        setPadToken(directory.resolve("special_tokens_map.json"), token, false);
    }

    private static void setPadToken(Path file, PaddingToken token, boolean create) throws IOException {
        boolean exists = Files.isRegularFile(file);
        if (!exists && !create) {
            return;
        }
        ObjectNode config = exists ? (ObjectNode) MAPPER.readTree(file.toFile()) : MAPPER.createObjectNode();
        JsonNode known = config.path("pad_token");
        if (!known.path("content").asText(known.asText("")).equals(token.text())) {
            config.put("pad_token", token.text());
            AtomicFiles.writeString(
                    file,
                    MAPPER.writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(config)
                                    .replace("\r\n", "\n") + "\n");
        }
    }
}
