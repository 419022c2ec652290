package io.github.rlhf4j.core.generation;

/**
 * A request to a {@link ContinuousBatch}.
 *
 * @param request the prompt, and what its continuations are held to
 * @param options how tokens are chosen; {@link SamplingOptions#topLogProbs} are those of {@code logProbs}
 * @param changes of the logits before
 * @param logProbs whether the listener is told log-probs: those of the model itself, before temperature, penalties, biases and structure
 * @param readsPrompt whether the listener is told those of the prompt too
 * @param listener hears of it, in the thread that calls {@link ContinuousBatch#step}
 */
public record LiveRequest(
        GenerationRequest request,
        SamplingOptions options,
        LogitChanges changes,
        boolean logProbs,
        boolean readsPrompt,
        LiveListener listener) {}
