package io.github.rlhf4j.http;

import io.github.rlhf4j.core.UserError;
import java.util.Optional;

/**
 * What became of a question.
 *
 * @param answer empty where it failed for good
 * @param failure why, one line; empty where there is an answer
 * @param <T> what an answer is read as
 */
public record Reply<T>(Optional<T> answer, String failure) {
    static <T> Reply<T> of(T answer) {
        return new Reply<>(Optional.of(answer), "");
    }

    static <T> Reply<T> failed(String why) {
        return new Reply<>(Optional.empty(), why);
    }

    /**
     * The answer.
     *
     * @throws UserError where there is none
     */
    public T orThrow() {
        return answer.orElseThrow(() -> new UserError(failure));
    }
}
