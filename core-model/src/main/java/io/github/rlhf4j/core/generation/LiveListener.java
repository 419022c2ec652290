package io.github.rlhf4j.core.generation;

import org.jspecify.annotations.Nullable;

/** Hears of one request of a {@link ContinuousBatch}. */
public interface LiveListener {
    /** The prompt has been read, where that was asked for; before the first token. */
    default void onPrompt(PromptLogProbs prompt) {}

    /**
     * The prompt has been computed; before the first token.
     *
     * @param cachedTokens how many of its tokens did not have to be, since an earlier request begins with them
     */
    default void onComputed(int cachedTokens) {}

    /**
     * A token has been chosen.
     *
     * @param index 0 for the first of this sample
     * @param logProb nats; NaN where log-probs were not asked for
     * @param top the most likely tokens there; null where they were not asked for
     */
    void onToken(int sample, int index, int id, double logProb, @Nullable TopTokens top);

    /** A sample has ended. */
    void onFinished(int sample, FinishReason reason);

    /** Nothing more will come: something is wrong with the request, or with us. */
    void onFailed(RuntimeException failure);

    /** Whether nobody wants more of it; asked at every step, and then nothing more is told. */
    boolean isUnwanted();
}
