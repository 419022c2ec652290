package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A reward that is computed, not learned: bound by name in a Guice module of the user's, {@code rewardBinder(binder()).bind("length", LengthReward.class)}, and named in a run file as {@code reward_function: length},
 * or as an entry of {@code rewards}, which may give it keys of its own ({@link #keys}).
 */
@FunctionalInterface
public interface RewardFunction {
    /**
     * One response to judge.
     *
     * @param prompt the prompt's text as the policy reads it: through the chat template where there is one, without special tokens, and without its beginning where it was too long
     * @param response the response's text, without special tokens
     * @param tokens its length in tokens, the end token included
     * @param ended whether it ended with the end token
     * @param columns the other columns of the prompt's row, by the dataset's own names, without those that are null: texts, {@code Long}, {@code Double}, {@code Boolean}, lists and maps. All
     *     of them, as in TRL, or what the dataset's {@code keep} names
     * @param ids the response's tokens, which nobody changes; empty where only the text is known
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(String prompt, String response, int tokens, boolean ended, Map<String, Object> columns, int[] ids) {
        private static final int[] UNKNOWN = {};

        /** Whose tokens are not known. */
        public Answer(String prompt, String response, int tokens, boolean ended, Map<String, Object> columns) {
            this(prompt, response, tokens, ended, columns, UNKNOWN);
        }

        /** To a prompt without further columns. */
        public Answer(String prompt, String response, int tokens, boolean ended) {
            this(prompt, response, tokens, ended, Map.of());
        }

        /**
         * A column as a text; a number as it is written.
         *
         * @throws UserError where the row has no such column
         */
        public String text(String column) {
            return String.valueOf(value(column));
        }

        /**
         * A column as a number; of CSV, where everything is a text, the number that is written there.
         *
         * @throws UserError where the row has no such column, or it is no number
         */
        public double number(String column) {
            Object value = value(column);
            try {
                return value instanceof Number number
                        ? number.doubleValue()
                        : Double.parseDouble(text(column).strip());
            } catch (NumberFormatException e) {
                throw new UserError(
                        "the reward function reads the column \"%s\" as a number, but it is %s"
                                .formatted(column, value),
                        e);
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Answer answer
                    && prompt.equals(answer.prompt)
                    && response.equals(answer.response)
                    && tokens == answer.tokens
                    && ended == answer.ended
                    && columns.equals(answer.columns)
                    && Arrays.equals(ids, answer.ids);
        }

        @Override
        public int hashCode() {
            return Objects.hash(prompt, response, tokens);
        }

        private Object value(String column) {
            Object value = columns.get(column);
            if (value == null) {
                throw new UserError(
                        ("the reward function reads the column \"%s\", but a row of the dataset has %s; where it has more,"
                                        + " name the column in dataset.keep")
                                .formatted(column, columns.keySet()));
            }
            return value;
        }
    }

    /**
     * The scores, one for each answer, in order, each finite. More is better. The same answer should get the same score whatever else is in the list.
     */
    double[] score(List<Answer> answers);

    /** The same, where a response may have no score, since the reward does not apply to it: one of {@link #orNone}. */
    default List<OptionalDouble> scoreOrNone(List<Answer> answers) {
        return Arrays.stream(score(answers)).mapToObj(OptionalDouble::of).toList();
    }

    /** The keys that it has in an entry of {@code rewards}; what is given of them comes by {@link #with}. */
    default List<ConfigKey<?>> keys() {
        return List.of();
    }

    /** This as an entry of {@code rewards} wants it; throws a {@link io.github.rlhf4j.core.stage.ConfigException} for what does not go together. Called before a run starts, too. */
    default RewardFunction with(GivenKeys given) {
        return this;
    }

    /** A reward that looks at one answer at a time: {@code RewardFunction.each(answer -> answer.response().contains(answer.text("answer")) ? 1 : 0)}. */
    static RewardFunction each(ToDoubleFunction<Answer> score) {
        return answers -> answers.stream().mapToDouble(score).toArray();
    }

    /** The same for one that has no score for some answers. */
    static RewardFunction orNone(Function<Answer, OptionalDouble> score) {
        return new RewardFunction() {
            @Override
            public double[] score(List<Answer> answers) {
                return answers.stream()
                        .mapToDouble(answer -> score.apply(answer).orElse(Double.NaN))
                        .toArray();
            }

            @Override
            public List<OptionalDouble> scoreOrNone(List<Answer> answers) {
                return answers.stream().map(score).toList();
            }
        };
    }
}
