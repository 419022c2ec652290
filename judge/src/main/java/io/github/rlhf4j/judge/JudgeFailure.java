package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.train.RowPlaces;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A judge that threw, or did not answer what it was asked. */
public final class JudgeFailure extends UserError {
    private static final long serialVersionUID = 1L;

    private final transient List<Integer> questions;

    /** @param questions those to blame, by their places: one, or all that were asked together */
    JudgeFailure(String message, List<Integer> questions, @Nullable Throwable cause) {
        super(message, cause);
        this.questions = List.copyOf(questions);
    }

    /**
     * What a judge says, where a failure names the rows of its questions.
     *
     * @param row what the row of a question was made of, by the question's place among those that are asked
     */
    public static <T> T named(Supplier<T> asking, IntFunction<Map<String, Object>> row) {
        try {
            return asking.get();
        } catch (JudgeFailure e) {
            List<Map<String, Object>> rows =
                    e.questions.stream().map(row::apply).toList();
            throw new UserError(e.getMessage() + RowPlaces.said(rows, rows.size() == 1), e);
        }
    }
}
