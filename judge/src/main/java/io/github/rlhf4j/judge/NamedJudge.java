package io.github.rlhf4j.judge;

import java.util.List;

/** A judge that a user has bound, asked each question once in all runs. */
final class NamedJudge implements Judge {
    private final JudgeAnswers answers;

    NamedJudge(JudgeAnswers answers) {
        this.answers = answers;
    }

    @Override
    public List<List<Integer>> rank(List<Question> questions) {
        return answers.to(questions);
    }
}
