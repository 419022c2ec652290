package io.github.rlhf4j.core.generation;

import java.util.List;

/**
 * How likely a prompt is.
 *
 * @param logProbs (T - 1) of each token after the first, nats
 * @param top the most likely tokens at each of these places, where they were asked for; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record PromptLogProbs(double[] logProbs, List<TopTokens> top) {}
