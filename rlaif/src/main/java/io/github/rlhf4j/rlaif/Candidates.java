package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.datasets.Content;
import java.util.List;

/**
 * A prompt with responses to judge.
 *
 * @param row in the dataset
 * @param prompt as it is there
 * @param responses as texts
 * @param columns the same as they are written into a row
 */
record Candidates(long row, Content prompt, List<String> responses, List<Object> columns) {
    String text() {
        return Texts.of(prompt);
    }

    /** Whether a judge has something to choose between: different responses, none of them empty. */
    boolean areDifferent() {
        return responses.stream().noneMatch(String::isBlank)
                && responses.stream().map(String::strip).distinct().count() > 1;
    }
}
