package io.github.rlhf4j.datasets;

/** A prompt alone, for roll-outs and evaluation; may be the empty text (unconditional generation). */
public record Prompt(Content prompt, RowTags tags) implements DataRecord {
    public Prompt(String prompt) {
        this(Content.of(prompt), RowTags.NONE);
    }

    @Override
    public Prompt withTags(RowTags newTags) {
        return new Prompt(prompt, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.PROMPT;
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
