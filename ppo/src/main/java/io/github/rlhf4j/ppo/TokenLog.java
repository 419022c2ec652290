package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A line of samples.jsonl with {@code log_tokens}: length, KL to the reference and mean advantage of the response, and of each token its text, log-ratio, advantage and value. */
final class TokenLog {
    private TokenLog() {}

    /**
     * The line.
     *
     * @param experience of the same response
     * @param tokenizer the policy's
     */
    static Map<String, Object> sample(Rollout rollout, Experience experience, Tokenizer tokenizer) {
        Map<String, Object> sample = new LinkedHashMap<>(rollout.sample());
        double kl = 0; // nats: the sum of the log-ratios
        List<Map<String, Object>> tokens = new ArrayList<>();
        int[] ids = rollout.responseIds();
        List<String> texts = tokenizer.texts(ids);
        for (int i = 0; i < ids.length; i++) {
            double logRatio = experience.oldLogProbs()[i] - rollout.refLogProbs()[i];
            kl += logRatio;
            Map<String, Object> token = new LinkedHashMap<>();
            token.put("text", texts.get(i));
            token.put("log_ratio", logRatio);
            token.put("advantage", experience.advantages()[i]);
            if (i < experience.positions()) {
                token.put("value", experience.oldValues()[i]);
            }
            tokens.add(token);
        }
        sample.put("length", ids.length);
        sample.put("kl", kl);
        sample.put("advantage", Arrays.stream(experience.advantages()).average().orElseThrow());
        sample.put("tokens", tokens);
        return sample;
    }
}
