package io.github.rlhf4j.datasets;

/** A document for pre-training. */
public record TextRecord(String text, RowTags tags) implements DataRecord {
    public TextRecord {
        Checks.notBlank(Content.of(text), "text");
    }

    public TextRecord(String text) {
        this(text, RowTags.NONE);
    }

    @Override
    public TextRecord withTags(RowTags newTags) {
        return new TextRecord(text, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.TEXT;
    }

    @Override
    public boolean isConversational() {
        return false;
    }

    @Override
    public String promptKey() {
        return text;
    }
}
