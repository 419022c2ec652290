package io.github.rlhf4j.datasets.tokens;

import java.util.Arrays;
import java.util.Optional;

/** Puts sequences for SFT together. */
final class Sequences {
    private Sequences() {}

    /** A prompt with its response {@code k}, of which the response or all but the first token are targets. */
    static TokenizedSequence ofResponse(JointTokens joint, int k, boolean completionOnly) {
        int[] prompt = joint.promptIds();
        int[] response = joint.responseIds()[k];
        int[] ids = Arrays.copyOf(prompt, prompt.length + response.length);
        System.arraycopy(response, 0, ids, prompt.length, response.length);
        boolean[] isTarget = new boolean[ids.length];
        Arrays.fill(isTarget, completionOnly ? prompt.length : 1, ids.length, true);
        return new TokenizedSequence(ids, isTarget);
    }

    /** The first {@code maxLength} tokens; empty where none of them is a target. */
    static Optional<TokenizedSequence> ofStart(int[] ids, boolean[] isTarget, int maxLength) {
        int length = Math.min(ids.length, maxLength);
        boolean[] targets = Arrays.copyOf(isTarget, length);
        targets[0] = false; // nothing predicts the first token
        for (boolean target : targets) {
            if (target) {
                return Optional.of(new TokenizedSequence(Arrays.copyOf(ids, length), targets));
            }
        }
        return Optional.empty();
    }
}
