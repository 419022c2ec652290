package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.datasets.tokens.PromptText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One sampled response with all that is known of it. Made step by step: each {@code with} gives a roll-out that knows more. The arrays are not copied; nobody changes them.
 *
 * @param promptIds the prompt's tokens
 * @param responseIds the response's tokens, the end token included where it ended
 * @param answer the same as texts, with the columns of the prompt's row: what a reward function sees
 * @param samplerLogProbs log-probability of each token of the response when it was sampled, nats
 * @param trainerLogProbs the same as the trainer computes it before its first update; empty where nobody asked
 * @param refLogProbs the same under the reference; empty where there is none
 * @param scores by the name of the reward, before weights, NaN where one has none; empty until it is scored
 * @param score their weighted sum; NaN where it has none, so that nothing is learnt from it
 * @param tokenScores the parts of the score that were given at tokens, one for each; empty where all of it is given at the end
 * @param prompt the prompt as its row has it, where it was kept for models that read other tokens
 */
@SuppressWarnings("ArrayRecordComponent")
public record Rollout(
        int[] promptIds,
        int[] responseIds,
        RewardFunction.Answer answer,
        double[] samplerLogProbs,
        double[] trainerLogProbs,
        double[] refLogProbs,
        Map<String, Double> scores,
        double score,
        double[] tokenScores,
        Optional<PromptText> prompt) {
    private static final double[] UNKNOWN = {};

    public Rollout {
        if (responseIds.length == 0 || responseIds.length != samplerLogProbs.length) {
            throw new IllegalArgumentException(
                    responseIds.length + " tokens of a response with " + samplerLogProbs.length + " log-probs");
        }
        scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }

    /** A response as it was sampled. */
    public static Rollout sampled(int[] promptIds, int[] responseIds, RewardFunction.Answer answer, double[] logProbs) {
        return new Rollout(
                promptIds, responseIds, answer, logProbs, UNKNOWN, UNKNOWN, Map.of(), 0, UNKNOWN, Optional.empty());
    }

    /** With the prompt as its row has it. */
    Rollout withPrompt(Optional<PromptText> text) {
        return new Rollout(
                promptIds,
                responseIds,
                answer,
                samplerLogProbs,
                trainerLogProbs,
                refLogProbs,
                scores,
                score,
                tokenScores,
                text);
    }

    /** With the trainer's log-probs. */
    public Rollout withTrainerLogProbs(double[] logProbs) {
        return new Rollout(
                promptIds,
                responseIds,
                answer,
                samplerLogProbs,
                logProbs,
                refLogProbs,
                scores,
                score,
                tokenScores,
                prompt);
    }

    /** With the reference's log-probs. */
    public Rollout withRefLogProbs(double[] logProbs) {
        return new Rollout(
                promptIds,
                responseIds,
                answer,
                samplerLogProbs,
                trainerLogProbs,
                logProbs,
                scores,
                score,
                tokenScores,
                prompt);
    }

    /** With its scores, all of them given at the end. */
    public Rollout withScores(Map<String, Double> components, double sum) {
        return withScores(components, sum, UNKNOWN);
    }

    /** With its scores, and the parts of them that are given at tokens. */
    public Rollout withScores(Map<String, Double> components, double sum, double[] byToken) {
        return new Rollout(
                promptIds,
                responseIds,
                answer,
                samplerLogProbs,
                trainerLogProbs,
                refLogProbs,
                components,
                sum,
                byToken,
                prompt);
    }

    /** Whether it has a score. */
    public boolean isScored() {
        return !Double.isNaN(score);
    }

    /** Whether it ended with an end token. */
    public boolean ended() {
        return answer.ended();
    }

    /** The response's tokens. */
    public int tokens() {
        return responseIds.length;
    }

    /** The log-probs that a ratio of 1 means: the trainer's where they are known, else the sampler's. */
    public double[] oldLogProbs() {
        return trainerLogProbs.length == 0 ? samplerLogProbs : trainerLogProbs;
    }

    /** Prompt and response, whose targets are the response's tokens. */
    public TokenSequence sequence() {
        return responseTargets(promptIds, responseIds, 0);
    }

    /** Prompt and response without targets, read at so many value positions. */
    public TokenSequence valueSequence(int positions) {
        TokenSequence whole = responseTargets(promptIds, responseIds, positions);
        return new TokenSequence(whole.ids(), new int[0], whole.scalarRows());
    }

    /** Prompt and response without targets, read at the response's last token, where a reward model's score is. */
    public TokenSequence scoreSequence() {
        return TokenSequence.scoredAtEnd(sequence().ids());
    }

    /**
     * Prompt and response as a sequence whose targets are the response's tokens.
     *
     * @param positions values that are read: each at the row before its token; one more than there are tokens reads the last token's own row too
     */
    public static TokenSequence responseTargets(int[] promptIds, int[] responseIds, int positions) {
        int[] ids = Arrays.copyOf(promptIds, promptIds.length + responseIds.length);
        System.arraycopy(responseIds, 0, ids, promptIds.length, responseIds.length);
        int[] targets = new int[responseIds.length];
        Arrays.setAll(targets, t -> promptIds.length + t);
        int[] rows = new int[positions];
        Arrays.setAll(rows, t -> promptIds.length - 1 + t);
        return new TokenSequence(ids, targets, rows);
    }

    /** A line of samples.jsonl, without its step; a score for each reward where there are several. */
    public Map<String, Object> sample() {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", answer.prompt());
        sample.put("response", answer.response());
        sample.put("score", isScored() ? score : null);
        if (scores.size() > 1) {
            sample.put("scores", scoresOrNull());
        }
        sample.put("ended", ended());
        return sample;
    }

    /** The scores by reward, null where one has none: as they are written. */
    public Map<String, @Nullable Double> scoresOrNull() {
        Map<String, @Nullable Double> written = new LinkedHashMap<>();
        scores.forEach((name, value) -> written.put(name, Double.isNaN(value) ? null : value));
        return written;
    }

    /** The scores by reward, without those that a reward has not given. */
    public Map<String, Double> knownScores() {
        Map<String, Double> known = new LinkedHashMap<>(scores);
        known.values().removeIf(value -> value.isNaN());
        return known;
    }

    /** All roll-outs of some groups, group after group. */
    public static List<Rollout> flat(List<List<Rollout>> groups) {
        List<Rollout> all = new ArrayList<>();
        groups.forEach(all::addAll);
        return all;
    }
}
