package io.github.rlhf4j.datasets;

/**
 * A prompt with one response and whether it is a good one (TRL's unpaired preference), as KTO learns from.
 *
 * @param prompt may be empty
 * @param completion not empty, of the same form as the prompt (text or messages)
 * @param label true for a desirable response, false for an undesirable one
 */
public record UnpairedPreference(Content prompt, Content completion, boolean label, RowTags tags)
        implements DataRecord {
    public UnpairedPreference {
        Checks.sameForm(prompt, completion, "completion");
        Checks.notBlank(completion, "completion");
    }

    public UnpairedPreference(String prompt, String completion, boolean label) {
        this(Content.of(prompt), Content.of(completion), label, RowTags.NONE);
    }

    @Override
    public UnpairedPreference withTags(RowTags newTags) {
        return new UnpairedPreference(prompt, completion, label, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.UNPAIRED_PREFERENCE;
    }

    @Override
    public boolean isConversational() {
        return prompt instanceof Content.Messages;
    }

    @Override
    public String promptKey() {
        return prompt.key();
    }
}
