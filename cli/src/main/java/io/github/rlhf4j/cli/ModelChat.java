package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.tokens.ChatEncoder;
import io.github.rlhf4j.datasets.training.TemplateChatEncoder;

/** The chat template of a model. */
final class ModelChat {
    private ModelChat() {}

    /** What renders conversations for a model; one that explains itself where there is no template. */
    static ChatEncoder encoder(Tokenizer tokenizer) {
        return tokenizer.chatTemplate().isPresent() ? new TemplateChatEncoder(tokenizer) : ChatEncoder.NONE;
    }
}
