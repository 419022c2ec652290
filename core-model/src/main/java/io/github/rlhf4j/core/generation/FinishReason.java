package io.github.rlhf4j.core.generation;

/** Why a sequence ended. */
public enum FinishReason {
    /** Its last token is one of the stop tokens. */
    STOP,
    /** A {@link StopRule} ended it, such as a stop string; its last token is one like others. */
    STOP_RULE,
    /** It has max_new_tokens tokens, or the model's context is full. */
    LENGTH;

    /** As in files: {@code stop} or {@code length}. */
    public String text() {
        return this == LENGTH ? "length" : "stop";
    }
}
