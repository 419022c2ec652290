package io.github.rlhf4j.core.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * The families of models that can be read, trained and written: the one table that says what a {@code model_type} of Hugging Face is called and made of.
 *
 * <p>All of these are of Llama's form (RMS norm, rotary positions, SwiGLU, grouped queries); they differ in their biases and windows, which {@link ModelConfig} holds. Another form is
 * another {@link ParameterLayout} here and another block.
 */
public enum Family {
    LLAMA("llama", "LlamaForCausalLM", "LlamaForSequenceClassification"),
    MISTRAL("mistral", "MistralForCausalLM", "MistralForSequenceClassification"),
    QWEN2("qwen2", "Qwen2ForCausalLM", "Qwen2ForSequenceClassification");

    private final String modelType;
    private final String languageArchitecture;
    private final String scalarArchitecture;

    Family(String modelType, String languageArchitecture, String scalarArchitecture) {
        this.modelType = modelType;
        this.languageArchitecture = languageArchitecture;
        this.scalarArchitecture = scalarArchitecture;
    }

    /** Hugging Face's {@code model_type}. */
    public String modelType() {
        return modelType;
    }

    /** The entry of {@code architectures} for a model with {@code head}. */
    public String architecture(Head head) {
        return head == Head.LANGUAGE ? languageArchitecture : scalarArchitecture;
    }

    /** The family of a {@code model_type}, empty where it is none of ours. */
    public static Optional<Family> of(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType.equals(modelType))
                .findFirst();
    }
}
