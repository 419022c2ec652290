package io.github.rlhf4j.datasets;

/** One row of a dataset: immutable, validated when made. */
public sealed interface DataRecord
        permits TextRecord,
                PromptCompletion,
                Conversation,
                PreferencePair,
                UnpairedPreference,
                StepwiseSupervision,
                Ranking,
                Prompt {
    /** Its kind; one for each implementation. */
    RecordKind kind();

    /** The row's id and use case, where known. */
    RowTags tags();

    /** The same row with other tags. */
    DataRecord withTags(RowTags newTags);

    /** Whether it consists of chat messages, which need a chat template. */
    boolean isConversational();

    /**
     * What is asked, as one string: rows with the same key fall on the same side of every split. A text without a prompt is its own key; a
     * conversation's prompt is what comes before its last assistant message.
     */
    String promptKey();
}
