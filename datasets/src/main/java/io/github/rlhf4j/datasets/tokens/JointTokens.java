package io.github.rlhf4j.datasets.tokens;

import java.util.Arrays;

/**
 * A prompt and responses that were tokenised together with it.
 *
 * @param promptIds at least one token
 * @param responseIds (K, own length) each with its end token
 * @param mismatches responses that did not begin with the prompt's tokens
 */
record JointTokens(int[] promptIds, int[][] responseIds, int mismatches) {
    /**
     * Cuts joint tokens where they part from the prompt's, as TRL 1.16 does: the prompt is what the prompt's ids and all joint ids have in common.
     *
     * @param promptIds of the prompt alone
     * @param jointIds (K, own length) of the prompt with each response
     */
    static JointTokens split(int[] promptIds, int[][] jointIds) {
        int promptLength = promptIds.length;
        int mismatches = 0;
        for (int[] joint : jointIds) {
            int common = commonPrefix(promptIds, joint);
            mismatches += common < promptIds.length ? 1 : 0;
            promptLength = Math.min(promptLength, common);
        }
        int[][] responses = new int[jointIds.length][];
        for (int k = 0; k < jointIds.length; k++) {
            responses[k] = Arrays.copyOfRange(jointIds[k], promptLength, jointIds[k].length);
        }
        return new JointTokens(Arrays.copyOf(promptIds, promptLength), responses, mismatches);
    }

    private static int commonPrefix(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    int longestResponse() {
        int longest = 0;
        for (int[] response : responseIds) {
            longest = Math.max(longest, response.length);
        }
        return longest;
    }
}
