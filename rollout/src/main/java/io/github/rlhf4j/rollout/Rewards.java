package io.github.rlhf4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One reward or several, whose weighted sum is a response's score; each keeps its own.
 *
 * <pre>  score = sum over rewards of  weight * reward(response)</pre>
 *
 * <p>A reward that says nothing of a response is left out of its sum, as in TRL. A response has no score where all say nothing, or where one has failed.
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

    /** The names, in order. */
    public List<String> names() {
        return rewards.stream().map(Weighted::name).toList();
    }

    /** The roll-outs with their scores. */
    public List<Rollout> score(List<Rollout> rollouts) {
        List<List<double[]>> byToken = rewards.stream()
                .map(weighted -> weighted.reward().tokenScores(rollouts))
                .toList();
        List<double[]> scores = new ArrayList<>();
        for (int reward = 0; reward < rewards.size(); reward++) {
            List<double[]> parts = byToken.get(reward);
            scores.add(
                    parts.isEmpty()
                            ? rewards.get(reward).reward().score(rollouts)
                            : parts.stream()
                                    .mapToDouble(of -> Arrays.stream(of).sum())
                                    .toArray());
        }
        List<Rollout> scored = new ArrayList<>();
        for (int i = 0; i < rollouts.size(); i++) {
            scored.add(scored(rollouts.get(i), scores, byToken, i));
        }
        return scored;
    }

    /** The same of groups of responses, which stay together. */
    public List<List<Rollout>> scoreGroups(List<List<Rollout>> groups) {
        List<Rollout> scored = score(Rollout.flat(groups));
        List<List<Rollout>> scoredGroups = new ArrayList<>();
        int next = 0;
        for (List<Rollout> group : groups) {
            scoredGroups.add(scored.subList(next, next + group.size()));
            next += group.size();
        }
        return scoredGroups;
    }

    private Rollout scored(Rollout rollout, List<double[]> scores, List<List<double[]>> byToken, int i) {
        Map<String, Double> components = new LinkedHashMap<>();
        double sum = Double.NaN;
        boolean hasFailed = false;
        for (int reward = 0; reward < rewards.size(); reward++) {
            double score = scores.get(reward)[i];
            boolean isThere = Double.isFinite(score);
            hasFailed |= score == Reward.FAILED;
            components.put(rewards.get(reward).name(), isThere ? score : Double.NaN);
            if (isThere) {
                double weighted = rewards.get(reward).weight() * score;
                sum = Double.isNaN(sum) ? weighted : sum + weighted;
            }
        }
        return rollout.withScores(components, hasFailed ? Double.NaN : sum, parts(byToken, i));
    }

    /** The weighted sum of what rewards give at tokens; empty where none does. */
    private double[] parts(List<List<double[]>> byToken, int i) {
        double[] sum = {};
        for (int reward = 0; reward < rewards.size(); reward++) {
            if (byToken.get(reward).isEmpty()) {
                continue;
            }
            double[] parts = byToken.get(reward).get(i);
            sum = sum.length == 0 ? new double[parts.length] : sum;
            for (int t = 0; t < parts.length; t++) {
                sum[t] += rewards.get(reward).weight() * parts[t];
            }
        }
        return sum;
    }
}
