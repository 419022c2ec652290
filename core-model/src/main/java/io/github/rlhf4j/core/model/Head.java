package io.github.rlhf4j.core.model;

/** What a model reads from its last hidden states; a model has one of them or both (a value head on the policy's trunk). */
public enum Head {
    /** Logits over the vocabulary, tied to the embedding or not. */
    LANGUAGE,
    /** One number a row: {@code score.weight}, (1, C), without bias. */
    SCALAR
}
