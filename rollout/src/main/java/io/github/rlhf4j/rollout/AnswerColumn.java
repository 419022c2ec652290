package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.stage.ConfigKey;

/** The key that says where the right answer is. */
final class AnswerColumn {
    static final ConfigKey<String> KEY =
            ConfigKey.text("answer_column", "answer").meaning("the column that has the right answer");

    private AnswerColumn() {}
}
