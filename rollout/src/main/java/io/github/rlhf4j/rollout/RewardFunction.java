package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A reward that is computed, not learned: bound by name in a Guice module of the user's, {@code rewardBinder(binder()).bind("length", LengthReward.class)}, and named in a run file as {@code reward_function: length}.
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
     */
    record Answer(String prompt, String response, int tokens, boolean ended, Map<String, Object> columns) {
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

    /** A reward that looks at one answer at a time: {@code RewardFunction.each(answer -> answer.response().contains(answer.text("answer")) ? 1 : 0)}. */
    static RewardFunction each(ToDoubleFunction<Answer> score) {
        return answers -> answers.stream().mapToDouble(score).toArray();
    }
}
