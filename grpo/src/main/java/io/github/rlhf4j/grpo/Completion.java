package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.rollout.Rollout;

/**
 * What the policy learns from one response. The arrays are not copied; nobody changes them.
 *
 * @param promptIds the prompt's tokens
 * @param responseIds the response's
 * @param oldLogProbs the policy's before the first update that uses the response, nats; empty: the policy's own of now, since there is one update only
 * @param samplerLogProbs those of sampling, nats; empty: the old ones
 * @param refLogProbs the reference's, nats; empty without one
 * @param advantage of all its tokens
 * @param masked whether it is left out of the loss, since it was cut off
 */
@SuppressWarnings("ArrayRecordComponent")
record Completion(
        int[] promptIds,
        int[] responseIds,
        double[] oldLogProbs,
        double[] samplerLogProbs,
        double[] refLogProbs,
        double advantage,
        boolean masked) {
    private static final double[] NOW = {};

    /**
     * Of a roll-out.
     *
     * @param takesTrainers whether the trainer's log-probs are the old ones: there is more than one update, or the sampler is another policy
     */
    static Completion of(Rollout rollout, double advantage, boolean takesTrainers, boolean masked) {
        return new Completion(
                rollout.promptIds(),
                rollout.responseIds(),
                takesTrainers ? rollout.trainerLogProbs() : NOW,
                rollout.samplerLogProbs(),
                rollout.refLogProbs(),
                advantage,
                masked);
    }

    /** The same where the sampler's log-probs are the old ones: it had other weights. */
    Completion fromSampler() {
        return new Completion(promptIds, responseIds, samplerLogProbs, samplerLogProbs, refLogProbs, advantage, masked);
    }

    /** Its tokens in the loss. */
    int lossTokens() {
        return masked ? 0 : responseIds.length;
    }

    /** Prompt and response, whose targets are the response's tokens. */
    TokenSequence sequence() {
        return Rollout.responseTargets(promptIds, responseIds, 0);
    }

    /** The policy's log-prob of a token before the first update, or {@code now} where that is it. */
    double oldLogProb(int token, double now) {
        return oldLogProbs.length == 0 ? now : oldLogProbs[token];
    }

    /** The sampler's log-prob of a token. */
    double samplerLogProb(int token, double now) {
        return samplerLogProbs.length == 0 ? oldLogProb(token, now) : samplerLogProbs[token];
    }
}
