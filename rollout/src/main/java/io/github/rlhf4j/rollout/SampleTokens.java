package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** The tokens of a response as samples.jsonl has them with {@code log_tokens}: of each its text, its old log-prob, nats, and what else is known. The old log-prob is the trainer's where the stage computes it before an update, as with {@code rollout_weights}, and else the sampler's. */
public final class SampleTokens {
    private SampleTokens() {}

    /**
     * All tokens of a response in their order. The log-ratio is there where the reference's log-probs are.
     *
     * @param tokenizer the policy's
     * @param advantage of all its tokens; empty where it is not known
     */
    public static List<Map<String, Object>> of(Rollout rollout, Tokenizer tokenizer, OptionalDouble advantage) {
        List<String> texts = tokenizer.texts(rollout.responseIds());
        double[] logProbs = rollout.oldLogProbs();
        double[] refLogProbs = rollout.refLogProbs();
        List<Map<String, Object>> tokens = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Map<String, Object> token = new LinkedHashMap<>();
            token.put("text", texts.get(i));
            if (refLogProbs.length > 0) {
                token.put("log_ratio", logProbs[i] - refLogProbs[i]);
            }
            token.put("log_prob", logProbs[i]);
            advantage.ifPresent(value -> token.put("advantage", value));
            tokens.add(token);
        }
        return tokens;
    }
}
