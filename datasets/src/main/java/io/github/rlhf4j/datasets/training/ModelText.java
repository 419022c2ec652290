package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The text side of a model's folder: its tokenizer, its chat template, and the cache of what they tokenised. Owns the tokenizer. */
public final class ModelText implements AutoCloseable {
    private static final List<String> FILES =
            List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja");

    private final HuggingFaceTokenizer tokenizer;
    private final TokenCache cache;

    private ModelText(HuggingFaceTokenizer tokenizer, TokenCache cache) {
        this.tokenizer = tokenizer;
        this.cache = cache;
    }

    /**
     * Opens the folder of a model (or of a tokenizer alone).
     *
     * @throws UserError when the model has fewer rows than the tokenizer has ids
     */
    public static ModelText open(Path directory, Path cacheDirectory) {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory);
        try {
            checkVocabulary(directory, tokenizer.vocabSize());
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
        ChatEncoder chat = tokenizer.chatTemplate().isPresent() ? new TemplateChatEncoder(tokenizer) : ChatEncoder.NONE;
        return new ModelText(
                tokenizer, new TokenCache(cacheDirectory.resolve("tokens"), tokenizer, key(directory), chat));
    }

    private static void checkVocabulary(Path directory, int ids) {
        Path config = directory.resolve("config.json");
        int rows = Files.isRegularFile(config)
                ? HuggingFaceConfig.read(config).tree().path("vocab_size").asInt(ids)
                : ids;
        if (ids > rows) {
            throw new UserError(directory + ": the tokenizer has ids up to " + (ids - 1)
                    + ", but the model's vocab_size is " + rows + "; they do not belong together");
        }
    }

    /** Text to tokens and back. */
    public HuggingFaceTokenizer tokenizer() {
        return tokenizer;
    }

    /** Records to examples. */
    public TokenCache cache() {
        return cache;
    }

    private static String key(Path directory) {
        Sha256 digest = new Sha256();
        for (String name : FILES) {
            Path file = directory.resolve(name);
            digest.add(name + "\n");
            if (Files.exists(file)) {
                digest.add(file);
            }
        }
        return digest.hex();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
