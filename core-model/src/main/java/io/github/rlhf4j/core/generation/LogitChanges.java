package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is added to logits before a token is chosen, as OpenAI's interface has it.
 *
 * @param bias added to a token's logit, by id
 * @param presencePenalty subtracted once for a token that the continuation has; in [-2, 2]
 * @param frequencyPenalty subtracted for each time that the continuation has it; in [-2, 2]
 */
public record LogitChanges(Map<Integer, Float> bias, double presencePenalty, double frequencyPenalty) {
    /** None. */
    public static final LogitChanges NONE = new LogitChanges(Map.of(), 0, 0);

    public LogitChanges {
        bias = new TreeMap<>(bias);
        check("presence_penalty", presencePenalty, 2);
        check("frequency_penalty", frequencyPenalty, 2);
        for (float value : bias.values()) {
            check("logit_bias", value, 100);
        }
    }

    private static void check(String name, double value, int most) {
        if (!(value >= -most && value <= most)) {
            throw new UserError(name + " must be in [-" + most + ", " + most + "], but is " + value);
        }
    }

    boolean isNone() {
        return bias.isEmpty() && !counts();
    }

    private boolean counts() {
        return presencePenalty != 0 || frequencyPenalty != 0;
    }

    /** Changes a row of logits. */
    void apply(Tensor logits, int row, int[] ids, int length) {
        bias.forEach((id, value) -> {
            if (id < logits.columns()) {
                logits.set(row, id, logits.get(row, id) + value);
            }
        });
        if (!counts()) {
            return;
        }
        Map<Integer, Integer> times =
                new HashMap<>(); // each entry changes a logit of its own, so their order is no matter
        for (int i = 0; i < length; i++) {
            times.merge(ids[i], 1, Integer::sum);
        }
        times.forEach(
                (id, count) -> logits.set(row, id, logits.get(row, id) - presencePenalty - frequencyPenalty * count));
    }
}
