package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;

/**
 * What a run's data must fit, known of a model before the run starts.
 *
 * @param context the most positions it has, tokens
 * @param hasChatTemplate whether chat messages can be rendered for it
 * @param ids what its token ids mean
 */
public record ModelOutline(int context, boolean hasChatTemplate, TokenIds ids) {
    /** Of a model whose tokenizer is still to be made. */
    public ModelOutline(int context, boolean hasChatTemplate) {
        this(context, hasChatTemplate, TokenIds.UNKNOWN);
    }

    /**
     * Reads the config and the tokenizer of a model's folder, not its weights.
     *
     * @throws UserError when one of them is missing or malformed, or they do not belong together
     */
    public static ModelOutline of(Path directory) {
        ModelConfig config = ModelConfig.from(ModelDirectory.open(directory).config());
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            tokenizer.requireRows(config.vocabSize());
            return new ModelOutline(
                    config.maxPositions(),
                    tokenizer.chatTemplate().isPresent(),
                    TokenIds.of(tokenizer, config.vocabSize()));
        }
    }

    /** The same with a chat template. */
    public ModelOutline withChatTemplate() {
        return new ModelOutline(context, true, ids);
    }
}
