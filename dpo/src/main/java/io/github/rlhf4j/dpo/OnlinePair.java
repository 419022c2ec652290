package io.github.rlhf4j.dpo;

import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.rollout.MissingEosConfig;
import io.github.rlhf4j.rollout.Rollout;
import java.util.List;

/**
 * Two responses to one prompt, of which one was found to be better.
 *
 * @param responses as they were sampled, scored
 * @param better index of the better one
 * @param tokens prompt, better and worse response
 * @param row the place of its prompt in the step's batch
 */
record OnlinePair(List<Rollout> responses, int better, TokenizedPair tokens, int row) {
    /** Two responses of one prompt. */
    static OnlinePair of(List<Rollout> responses, int better, int row) {
        Rollout chosen = responses.get(better);
        Rollout rejected = responses.get(1 - better);
        return new OnlinePair(
                List.copyOf(responses),
                better,
                new TokenizedPair(chosen.promptIds(), chosen.responseIds(), rejected.responseIds()),
                row);
    }

    /**
     * By their scores; of two that are equal the first is the better one, as in TRL.
     *
     * @param missingEos what becomes of a response that did not end
     */
    static OnlinePair byScore(List<Rollout> responses, MissingEosConfig missingEos, int row) {
        List<Rollout> scored = responses.stream().map(missingEos::penalised).toList();
        return of(scored, scored.get(0).score() >= scored.get(1).score() ? 0 : 1, row);
    }

    Rollout chosen() {
        return responses.get(better);
    }

    Rollout rejected() {
        return responses.get(1 - better);
    }
}
