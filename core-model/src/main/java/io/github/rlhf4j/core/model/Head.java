package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import java.util.Optional;

/** What a model reads from its last hidden states; a model has one of them, or LANGUAGE and SCALAR (a value head on the policy's trunk). */
public enum Head {
    /** Logits over the vocabulary, tied to the embedding or not. */
    LANGUAGE,
    /** One number a row: {@code score.weight}, (1, C), without bias. */
    SCALAR,
    /** One number a row, the log-odds of label 1 against label 0: two logits, (2, C) with bias, as transformers' {@code ...ForTokenClassification} has them. */
    LABELS;

    /** The head that a model's folder has. */
    public static Head of(HuggingFaceConfig config) {
        if (config.isRewardModel()) {
            return SCALAR;
        }
        return config.isProcessRewardModel() ? LABELS : LANGUAGE;
    }

    /** The head that a base has with an adapter; empty where the adapter does not tell, so that it is the base's own. */
    public static Optional<Head> of(AdapterDirectory adapter) {
        return adapter.isRewardModel().map(is -> is ? SCALAR : LANGUAGE);
    }
}
