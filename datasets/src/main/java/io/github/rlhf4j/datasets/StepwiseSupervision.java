package io.github.rlhf4j.datasets;

import java.util.List;

/**
 * A prompt with an answer in steps, each labelled right or wrong (TRL's stepwise supervision), as process reward models learn from.
 *
 * @param prompt may be empty; a text or messages
 * @param completions the steps, at least one, in order, without what separates them; none empty
 * @param labels one for each step
 */
public record StepwiseSupervision(Content prompt, List<String> completions, List<Boolean> labels, RowTags tags)
        implements DataRecord {
    public StepwiseSupervision {
        completions = List.copyOf(completions);
        labels = List.copyOf(labels);
        if (completions.isEmpty()) {
            throw new IllegalArgumentException("completions must hold at least one step");
        }
        if (labels.size() != completions.size()) {
            throw new IllegalArgumentException(
                    "labels must be as many as completions (" + completions.size() + "), but are " + labels.size());
        }
        for (int i = 0; i < completions.size(); i++) {
            Checks.notBlank(Content.of(completions.get(i)), "completions[" + i + "]");
        }
    }

    @Override
    public StepwiseSupervision withTags(RowTags newTags) {
        return new StepwiseSupervision(prompt, completions, labels, newTags);
    }

    @Override
    public RecordKind kind() {
        return RecordKind.STEPWISE_SUPERVISION;
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
