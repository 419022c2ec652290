package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.TokenSequence;
import java.util.Arrays;
import java.util.Map;

/**
 * One sampled response with all that is fixed when it is sampled. The arrays are not copied; nobody changes them.
 *
 * @param prompt the prompt's text
 * @param response the response's text
 * @param promptIds the prompt's tokens
 * @param responseIds the response's tokens, the end token included where it ended
 * @param ended whether it ended with an end token
 * @param score the score before normalisation
 * @param columns of the prompt's row
 * @param fixed log-probs, advantages, values and returns
 */
@SuppressWarnings("ArrayRecordComponent")
record Rollout(
        String prompt,
        String response,
        int[] promptIds,
        int[] responseIds,
        boolean ended,
        double score,
        Map<String, Object> columns,
        PpoResponse fixed) {

    /** Prompt and response as a sequence whose targets are the response's tokens, read at the given number of value positions (from the row that predicts the first token on). */
    static TokenSequence sequence(int[] promptIds, int[] responseIds, int positions) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        int[] targets = new int[responseIds.length];
        Arrays.setAll(targets, t -> promptIds.length + t);
        return new TokenSequence(ids, targets, valueRows(promptIds.length, positions));
    }

    /** Rows at which the value of each position is read: the row before token t, and for one position more the last token's own row. */
    private static int[] valueRows(int promptLength, int positions) {
        int[] rows = new int[positions];
        Arrays.setAll(rows, t -> promptLength - 1 + t);
        return rows;
    }

    /** Prompt and response without targets, read where values are. */
    static TokenSequence valueSequence(int[] promptIds, int[] responseIds, int positions) {
        TokenSequence whole = sequence(promptIds, responseIds, positions);
        return new TokenSequence(whole.ids(), new int[0], whole.scalarRows());
    }

    /** Prompt and response without targets, read at the response's last token: where a reward model's score stands. */
    static TokenSequence scoreSequence(int[] promptIds, int[] responseIds) {
        int[] ids = sequence(promptIds, responseIds, 0).ids();
        return new TokenSequence(ids, new int[0], new int[] {ids.length - 1});
    }
}
