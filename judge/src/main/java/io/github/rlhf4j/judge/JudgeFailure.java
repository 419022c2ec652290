package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A judge that threw, or did not answer what it was asked. */
final class JudgeFailure extends UserError {
    private static final long serialVersionUID = 1L;

    private final transient List<Integer> questions;

    /** @param questions those to blame, by their places: one, or all that were asked together */
    JudgeFailure(String message, List<Integer> questions, @Nullable Throwable cause) {
        super(message, cause);
        this.questions = List.copyOf(questions);
    }

    List<Integer> questions() {
        return questions;
    }
}
