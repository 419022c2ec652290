package io.github.rlhf4j.datasets;

/**
 * A demonstration: a prompt and the answer to learn.
 *
 * @param prompt may be empty
 * @param completion not empty, of the same form as the prompt (text or messages)
 */
public record PromptCompletion(Content prompt, Content completion, RowTags tags) implements DataRecord {
    public PromptCompletion {
        Checks.sameForm(prompt, completion, "completion");
        Checks.notBlank(completion, "completion");
    }

    public PromptCompletion(String prompt, String completion) {
        this(Content.of(prompt), Content.of(completion), RowTags.NONE);
    }

    @Override
    public PromptCompletion withTags(RowTags newTags) {
        return new PromptCompletion(prompt, completion, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.PROMPT_COMPLETION;
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
