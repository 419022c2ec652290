package io.github.rlhf4j.core.generation;

/** Why a sequence ended. */
public enum FinishReason {
    /** Its last token is one of the stop tokens. */
    STOP,
    /** It has max_new_tokens tokens, or the model's context is full. */
    LENGTH
}
