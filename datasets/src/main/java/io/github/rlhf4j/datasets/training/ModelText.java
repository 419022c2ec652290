package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import io.github.rlhf4j.datasets.tokens.TokenCache;
import io.github.rlhf4j.datasets.tokens.TravellingTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
     * @throws io.github.rlhf4j.core.UserError when the model has fewer rows than the tokenizer has ids
     */
    public static ModelText open(Path directory, Path cacheDirectory) {
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory);
        try {
            Path config = directory.resolve("config.json");
            if (Files.isRegularFile(config)) {
                tokenizer.requireRows(
                        HuggingFaceConfig.read(config).tree().path("vocab_size").asInt(tokenizer.vocabSize()));
            }
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
        ChatEncoder chat = TemplateChatEncoder.of(tokenizer);
        return new ModelText(
                tokenizer,
                new TokenCache(cacheDirectory.resolve("tokens"), tokenizer, key(directory, tokenizer), chat)
                        .travelling(() -> TravellingTokenizer.blob(directory, tokenizer)));
    }

    /** Text to tokens and back. */
    public HuggingFaceTokenizer tokenizer() {
        return tokenizer;
    }

    /** Records to examples. */
    public TokenCache cache() {
        return cache;
    }

    /** What tokens depend on: files, and what comes from others, as the end tokens of generation_config.json do. */
    private static String key(Path directory, HuggingFaceTokenizer tokenizer) {
        Sha256 digest = new Sha256();
        for (String name : FILES) {
            Path file = directory.resolve(name);
            digest.add(name + "\n");
            if (Files.exists(file)) {
                digest.add(file);
            }
        }
        digest.add("stops " + Arrays.toString(tokenizer.stopIds()) + "\ntemplate "
                + tokenizer.chatTemplate().orElse("none"));
        return digest.hex();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
