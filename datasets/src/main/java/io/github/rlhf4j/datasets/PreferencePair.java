package io.github.rlhf4j.datasets;

import java.util.OptionalDouble;

/**
 * A prompt with two responses, of which a person preferred one.
 *
 * @param prompt may be empty
 * @param chosen not empty, different from {@code rejected}, of the same form as the prompt (text or messages)
 * @param rejected likewise
 * @param margin how much more a reward model should give the preferred response, finite; absent where nobody said
 */
public record PreferencePair(Content prompt, Content chosen, Content rejected, OptionalDouble margin, RowTags tags)
        implements DataRecord {
    public PreferencePair {
        Checks.sameForm(prompt, chosen, "chosen");
        Checks.sameForm(prompt, rejected, "rejected");
        Checks.notBlank(chosen, "chosen");
        Checks.notBlank(rejected, "rejected");
        if (chosen.equals(rejected)) {
            throw new IllegalArgumentException("chosen and rejected must differ");
        }
        Checks.finite(margin, "margin");
    }

    /** A pair without a margin. */
    public PreferencePair(Content prompt, Content chosen, Content rejected, RowTags tags) {
        this(prompt, chosen, rejected, OptionalDouble.empty(), tags);
    }

    public PreferencePair(String prompt, String chosen, String rejected) {
        this(Content.of(prompt), Content.of(chosen), Content.of(rejected), RowTags.NONE);
    }

    @Override
    public PreferencePair withTags(RowTags newTags) {
        return new PreferencePair(prompt, chosen, rejected, margin, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.PREFERENCE;
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
