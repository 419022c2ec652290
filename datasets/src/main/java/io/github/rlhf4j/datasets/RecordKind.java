package io.github.rlhf4j.datasets;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of records, with the name that {@code format:} has in a run file. */
public enum RecordKind {
    TEXT("text", TextRecord.class, "text"),
    PROMPT_COMPLETION("prompt_completion", PromptCompletion.class, "prompt, completion"),
    CONVERSATION("messages", Conversation.class, "messages"),
    PREFERENCE("preference", PreferencePair.class, "prompt, chosen, rejected"),
    UNPAIRED_PREFERENCE("unpaired_preference", UnpairedPreference.class, "prompt, completion, label"),
    STEPWISE_SUPERVISION("stepwise_supervision", StepwiseSupervision.class, "prompt, completions, labels"),
    RANKING("ranking", Ranking.class, "prompt, responses, ranks"),
    PROMPT("prompt", Prompt.class, "prompt");

    private final String configName;
    private final Class<? extends DataRecord> recordType;
    private final String columns;

    RecordKind(String configName, Class<? extends DataRecord> recordType, String columns) {
        this.configName = configName;
        this.recordType = recordType;
        this.columns = columns;
    }

    /** The name in run files and messages. */
    public String configName() {
        return configName;
    }

    /** The record class of this kind. */
    public Class<? extends DataRecord> recordType() {
        return recordType;
    }

    /** The columns that a file of this kind has, for messages. */
    public String columns() {
        return columns;
    }

    /** The kind that run files call so; empty where there is none. */
    public static Optional<RecordKind> named(String configName) {
        return Arrays.stream(values())
                .filter(kind -> kind.configName.equals(configName))
                .findFirst();
    }

    /** The kind whose records are of {@code recordType}. */
    public static RecordKind of(Class<? extends DataRecord> recordType) {
        for (RecordKind kind : values()) {
            if (kind.recordType == recordType) {
                return kind;
            }
        }
        throw new IllegalArgumentException("not a record class: " + recordType);
    }
}
