package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The families of models that can be read, trained and written: the one table that says what a {@code model_type} of Hugging Face is called, what its tensors are called and how its config.json reads. What a
 * model is made of is its {@link ModelConfig}'s.
 */
public enum Family {
    LLAMA("llama", "LlamaForCausalLM", "LlamaForSequenceClassification", TensorNames.LLAMA, LlamaFormat.LLAMA),
    MISTRAL(
            "mistral",
            "MistralForCausalLM",
            "MistralForSequenceClassification",
            TensorNames.LLAMA,
            LlamaFormat.MISTRAL),
    QWEN2("qwen2", "Qwen2ForCausalLM", "Qwen2ForSequenceClassification", TensorNames.LLAMA, LlamaFormat.QWEN2),
    QWEN3("qwen3", "Qwen3ForCausalLM", "Qwen3ForSequenceClassification", TensorNames.LLAMA, LlamaFormat.QWEN3),
    MIXTRAL(
            "mixtral",
            "MixtralForCausalLM",
            "MixtralForSequenceClassification",
            TensorNames.MIXTRAL,
            LlamaFormat.MIXTRAL),
    GPT2("gpt2", "GPT2LMHeadModel", "GPT2ForSequenceClassification", TensorNames.GPT2, new Gpt2Format());

    private final String modelType;
    private final String languageArchitecture;
    private final String scalarArchitecture;
    private final TensorNames names;
    private final ConfigFormat format;

    Family(
            String modelType,
            String languageArchitecture,
            String scalarArchitecture,
            TensorNames names,
            ConfigFormat format) {
        this.modelType = modelType;
        this.languageArchitecture = languageArchitecture;
        this.scalarArchitecture = scalarArchitecture;
        this.names = names;
        this.format = format;
    }

    /** Hugging Face's {@code model_type}. */
    public String modelType() {
        return modelType;
    }

    /** The entry of {@code architectures} for a model with {@code head}. */
    public String architecture(Head head) {
        return switch (head) {
            case LANGUAGE -> languageArchitecture;
            case SCALAR -> scalarArchitecture;
            case LABELS -> scalarArchitecture.replace("ForSequence", "ForToken");
        };
    }

    /** The name of the layer that labels tokens. */
    String labelsHead() {
        return this == GPT2 ? "classifier" : "score";
    }

    /**
     * The family of a config.json.
     *
     * @throws UserError where it is none of ours
     */
    static Family of(HuggingFaceConfig file) {
        Set<String> supported =
                Arrays.stream(values()).map(Family::modelType).collect(Collectors.toCollection(TreeSet::new));
        file.requireModelType(supported);
        return Arrays.stream(values())
                .filter(family -> family.modelType.equals(file.modelType()))
                .findFirst()
                .orElseThrow();
    }

    TensorNames names() {
        return names;
    }

    ModelConfig read(HuggingFaceConfig file) {
        try {
            return format.read(this, file);
        } catch (UserError e) {
            // What a config checks itself knows the key, but not the file.
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(file.source()) ? e : new UserError(file.source() + ": " + message, e);
        }
    }

    HuggingFaceConfig write(ModelConfig config) {
        return format.write(config, HuggingFaceConfig.create(modelType, languageArchitecture));
    }
}
