package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import java.io.Serializable;

/**
 * How tokens are chosen, with the meaning and in the order of Hugging Face's generate: repetition penalty, temperature, top-k, top-p, min-p.
 *
 * @param greedy always the most likely token (after the repetition penalty); top-k, top-p and min-p are not looked at, and {@code temperature} only scales the reported log-probs
 * @param temperature divides the logits, > 0
 * @param topP keeps the smallest set of most likely tokens whose probability reaches it, in (0, 1]; 1: all
 * @param topK keeps the k most likely tokens; 0: all
 * @param minP keeps the tokens at least this many times as likely as the most likely, in [0, 1); 0: all
 * @param repetitionPenalty logits of tokens that occur in prompt or continuation are divided by it where positive, multiplied where negative; > 0, 1: none
 * @param maxNewTokens most tokens of a continuation, the stop token included, >= 1; a continuation also ends where the model's context is full
 * @param stopIds tokens that end a continuation and are its last token
 * @param ignoreStops whether stop tokens are tokens like others
 * @param topLogProbs how many of the most likely tokens are reported beside each that is chosen, in [0, 1000]
 * @param wholeLogProbs whether log-probs are those of the whole distribution even where only some tokens may come, as training computes them
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record SamplingOptions(
        boolean greedy,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        int maxNewTokens,
        int[] stopIds,
        boolean ignoreStops,
        int topLogProbs,
        boolean wholeLogProbs)
        implements Serializable {
    private static final int MOST_TOP = 1000;
    private static final int[] NO_IDS = {};

    public SamplingOptions {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new UserError("temperature must be finite and > 0, but is " + temperature
                    + (temperature == 0 ? "; for the most likely token always, ask for greedy" : ""));
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new UserError("top_p must be in (0, 1], but is " + topP);
        }
        if (topK < 0) {
            throw new UserError("top_k must be >= 0 (0 keeps all), but is " + topK);
        }
        if (!(minP >= 0 && minP < 1)) {
            throw new UserError("min_p must be in [0, 1), but is " + minP);
        }
        if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
            throw new UserError("repetition_penalty must be finite and > 0, but is " + repetitionPenalty);
        }
        if (maxNewTokens < 1) {
            throw new UserError("max_new_tokens must be >= 1, but is " + maxNewTokens);
        }
        if (topLogProbs < 0 || topLogProbs > MOST_TOP) {
            throw new UserError("logprobs must be in 0 .. " + MOST_TOP + ", but is " + topLogProbs);
        }
    }

    /** Without a report of the most likely tokens. */
    public SamplingOptions(
            boolean greedy,
            double temperature,
            double topP,
            int topK,
            double minP,
            double repetitionPenalty,
            int maxNewTokens,
            int[] stopIds,
            boolean ignoreStops) {
        this(greedy, temperature, topP, topK, minP, repetitionPenalty, maxNewTokens, stopIds, ignoreStops, 0, false);
    }

    /** Plain sampling from the whole distribution. */
    public static SamplingOptions sampling(double temperature, int maxNewTokens, int[] stopIds) {
        return new SamplingOptions(false, temperature, 1, 0, 0, 1, maxNewTokens, stopIds, false);
    }

    /** The most likely token always. */
    public static SamplingOptions greedy(int maxNewTokens, int[] stopIds) {
        return new SamplingOptions(true, 1, 1, 0, 0, 1, maxNewTokens, stopIds, false);
    }

    /** The same with another top-k. */
    public SamplingOptions withTopK(int newTopK) {
        return choosing(topP, newTopK, minP, repetitionPenalty);
    }

    /** The same with another top-p. */
    public SamplingOptions withTopP(double newTopP) {
        return choosing(newTopP, topK, minP, repetitionPenalty);
    }

    /** The same with another min-p. */
    public SamplingOptions withMinP(double newMinP) {
        return choosing(topP, topK, newMinP, repetitionPenalty);
    }

    /** The same with another repetition penalty. */
    public SamplingOptions withRepetitionPenalty(double newPenalty) {
        return choosing(topP, topK, minP, newPenalty);
    }

    private SamplingOptions choosing(double newTopP, int newTopK, double newMinP, double newPenalty) {
        return new SamplingOptions(
                greedy,
                temperature,
                newTopP,
                newTopK,
                newMinP,
                newPenalty,
                maxNewTokens,
                stopIds,
                ignoreStops,
                topLogProbs,
                wholeLogProbs);
    }

    /** The same, going on to the full length whatever comes. */
    public SamplingOptions ignoringStops() {
        return reporting(true, topLogProbs, wholeLogProbs);
    }

    /** The same with a report of the most likely tokens. */
    public SamplingOptions withTopLogProbs(int count) {
        return reporting(ignoreStops, count, wholeLogProbs);
    }

    /** The same with log-probs of the whole distribution, whatever may come. */
    public SamplingOptions withWholeLogProbs() {
        return reporting(ignoreStops, topLogProbs, true);
    }

    private SamplingOptions reporting(boolean ignoring, int newTop, boolean isWhole) {
        return new SamplingOptions(
                greedy,
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                maxNewTokens,
                stopIds,
                ignoring,
                newTop,
                isWhole);
    }

    /** Whether {@code id} ends a continuation. */
    boolean stopsAt(int id) {
        for (int ending : endingIds()) {
            if (ending == id) {
                return true;
            }
        }
        return false;
    }

    /** Whether there are tokens that end a continuation. */
    boolean hasStops() {
        return endingIds().length > 0;
    }

    /** The tokens that end a continuation: none where stop tokens are tokens like others. */
    int[] endingIds() {
        return ignoreStops ? NO_IDS : stopIds;
    }

    /** Whether tokens that occurred count less, or more. */
    boolean hasPenalty() {
        return repetitionPenalty != 1;
    }

    /** Whether tokens are drawn from all of the distribution, which a repetition penalty may have changed. */
    boolean isUnfiltered() {
        return topP == 1 && topK == 0 && minP == 0;
    }
}
