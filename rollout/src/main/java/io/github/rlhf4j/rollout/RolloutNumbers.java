package io.github.rlhf4j.rollout;

import io.github.rlhf4j.core.train.NonFinite;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is known of roll-outs before an update learns from them: all of it must be finite, or a later number is not, and nobody knows why. */
public final class RolloutNumbers {
    private static final int MOST_NAMES = 20; // of one response

    private final List<Integer> places = new ArrayList<>();
    private final List<Map<String, Object>> responses = new ArrayList<>();
    private String first = "";

    /**
     * Looks at log-probs and scores.
     *
     * @throws NonFinite where one of them is not finite, naming the responses by their places
     */
    public static void requireFinite(List<Rollout> rollouts) {
        RolloutNumbers numbers = new RolloutNumbers();
        for (int i = 0; i < rollouts.size(); i++) {
            Rollout rollout = rollouts.get(i);
            Map<String, double[]> named = new LinkedHashMap<>();
            named.put("sampler_log_probs", rollout.samplerLogProbs());
            named.put("log_probs", rollout.trainerLogProbs());
            named.put("ref_log_probs", rollout.refLogProbs());
            if (rollout.isScored()) {
                named.put("score", new double[] {rollout.score()});
            }
            numbers.add(i, rollout, named);
        }
        numbers.require();
    }

    /**
     * Looks at what was made of them.
     *
     * @param name of the numbers
     * @param numbers those of each roll-out, in order
     * @throws NonFinite where one of them is not finite
     */
    public static void requireFinite(List<Rollout> rollouts, String name, List<double[]> numbers) {
        RolloutNumbers all = new RolloutNumbers();
        for (int i = 0; i < rollouts.size(); i++) {
            all.add(i, rollouts.get(i), Map.of(name, numbers.get(i)));
        }
        all.require();
    }

    private void add(int place, Rollout rollout, Map<String, double[]> named) {
        List<String> wrong = new ArrayList<>();
        named.forEach((name, values) -> {
            for (int t = 0; t < values.length; t++) {
                if (!Double.isFinite(values[t])) {
                    wrong.add((values.length == 1 ? name : name + "[" + t + "]") + " is " + values[t]);
                }
            }
        });
        if (wrong.isEmpty()) {
            return;
        }
        if (places.isEmpty()) {
            first = wrong.get(0) + " for " + RewardGuard.shown(rollout.answer());
        }
        places.add(place);
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("place", place);
        response.put("prompt", rollout.answer().prompt());
        response.put("response", rollout.answer().response());
        response.put("not_finite", wrong.stream().limit(MOST_NAMES).toList());
        responses.add(response);
    }

    private void require() {
        if (!places.isEmpty()) {
            throw new NonFinite(first + ", but must be finite", Map.of("responses", responses), places);
        }
    }
}
