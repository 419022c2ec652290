package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.ModelConfig;

/** The architectures of GGUF files that the engine's families are. */
enum Architecture {
    LLAMA("llama"),
    QWEN2("qwen2"),
    QWEN3("qwen3"),
    GPT2("gpt2");

    private final String id;

    Architecture(String id) {
        this.id = id;
    }

    /** As files name it, and the prefix of its keys. */
    String id() {
        return id;
    }

    /**
     * That of a model. Llama's is also that of Mistral and Mixtral.
     *
     * @throws UserError where files of it cannot say what the model computes
     */
    static Architecture of(ModelConfig config) {
        if (config.family() == Family.QWEN3
                && (config.attention().queryKeyValueBias() || config.attention().outputBias())) {
            throw new UserError("a qwen3 model with attention_bias cannot be written as GGUF: llama.cpp has no such");
        }
        return switch (config.family()) {
            case LLAMA, MISTRAL, MIXTRAL -> LLAMA;
            case QWEN2 -> QWEN2;
            case QWEN3 -> QWEN3;
            case GPT2 -> GPT2;
        };
    }
}
