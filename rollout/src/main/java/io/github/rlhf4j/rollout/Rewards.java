package io.github.rlhf4j.rollout;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One reward or several, whose weighted sum is a response's score; each keeps its own.
 *
 * <pre>  score = sum over rewards of  weight * reward(response)</pre>
 */
public final class Rewards {
    private final List<Weighted> rewards;

    /**
     * A reward among others.
     *
     * @param name in samples and metrics; unique
     * @param reward what scores
     * @param weight in the sum
     */
    public record Weighted(String name, Reward reward, double weight) {}

    /** @param rewards one at least */
    public Rewards(List<Weighted> rewards) {
        if (rewards.isEmpty() || rewards.stream().map(Weighted::name).distinct().count() < rewards.size()) {
            throw new IllegalArgumentException("rewards need names of their own, one at least, but are " + rewards);
        }
        this.rewards = List.copyOf(rewards);
    }

    /** One reward alone. */
    public static Rewards of(String name, Reward reward) {
        return new Rewards(List.of(new Weighted(name, reward, 1)));
    }

    /** The roll-outs with their scores. */
    public List<Rollout> score(List<Rollout> rollouts) {
        List<double[]> scores = rewards.stream()
                .map(weighted -> weighted.reward().score(rollouts))
                .toList();
        List<Rollout> scored = new ArrayList<>();
        for (int i = 0; i < rollouts.size(); i++) {
            Map<String, Double> components = new LinkedHashMap<>();
            double sum = rewards.get(0).weight() * scores.get(0)[i];
            components.put(rewards.get(0).name(), scores.get(0)[i]);
            for (int reward = 1; reward < rewards.size(); reward++) {
                sum += rewards.get(reward).weight() * scores.get(reward)[i];
                components.put(rewards.get(reward).name(), scores.get(reward)[i]);
            }
            scored.add(rollouts.get(i).withScores(components, sum));
        }
        return scored;
    }
}
