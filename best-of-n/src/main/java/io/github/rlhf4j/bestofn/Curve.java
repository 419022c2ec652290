package io.github.rlhf4j.bestofn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.train.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the best of k responses is worth, for k = 1, 2, 4, ... n, each in the mean over prompts: by the reward that chose it, and by another measure. Part of every checkpoint.
 *
 * <p>All choices of k of a prompt's n responses count, so that none of the samples is wasted:
 * <pre>  E[best of k] = sum over i of x_i C(i - 1, k - 1) / C(n, k),   x_1 .. x_n by rising reward</pre>
 *
 * <p>Source: of a reward of 0 or 1 that is the pass@k of Chen et al. 2021, arXiv:2107.03374, Eq. 1.
 */
final class Curve implements Stateful {
    private final int[] ks;
    private final List<RunningStatistics> reward = new ArrayList<>();
    private final List<RunningStatistics> measured = new ArrayList<>();

    /** @param n responses to each prompt */
    Curve(int n) {
        ks = ks(n);
        clear();
    }

    /** Powers of 2 up to n, and n. */
    static int[] ks(int n) {
        IntStream powers = IntStream.iterate(1, k -> k < n, k -> 2 * k);
        return IntStream.concat(powers, IntStream.of(n)).toArray();
    }

    /** Forgets all prompts: a new round begins. */
    void clear() {
        reward.clear();
        measured.clear();
        for (int i = 0; i < ks.length; i++) {
            reward.add(RunningStatistics.EMPTY);
            measured.add(RunningStatistics.EMPTY);
        }
    }

    /**
     * Adds a prompt; where some of its responses have no reward, the best of more than the others is that of all others.
     *
     * @param rewards of its responses
     * @param measures of the same; empty where nothing measures
     */
    void add(double[] rewards, double[] measures) {
        for (int i = 0; i < ks.length; i++) {
            reward.set(i, reward.get(i).plus(ofBest(rewards, rewards, Math.min(ks[i], rewards.length))));
            if (measures.length > 0) {
                measured.set(i, measured.get(i).plus(ofBest(rewards, measures, Math.min(ks[i], rewards.length))));
            }
        }
    }

    /**
     * What the best of k is worth, in the mean over all choices of k; of equal rewards each is the best as often as the others.
     *
     * @param rewards that choose
     * @param values what counts
     */
    static double ofBest(double[] rewards, double[] values, int k) {
        int n = rewards.length;
        Integer[] rising = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(rising, (a, b) -> Double.compare(rewards[a], rewards[b]));
        double expected = 0;
        int from = 0;
        while (from < n) {
            int to = from;
            double sum = 0;
            double weight = 0;
            while (to < n && rewards[rising[to]] == rewards[rising[from]]) {
                sum += values[rising[to]];
                weight += weight(to, k, n);
                to++;
            }
            expected += weight * sum / (to - from);
            from = to;
        }
        return expected;
    }

    /** C(below, k - 1) / C(n, k): how often a response with so many below it is the best of k. */
    private static double weight(int below, int k, int n) {
        if (below < k - 1) {
            return 0;
        }
        double weight = (double) k / n; // times C(below, k - 1) / C(n - 1, k - 1)
        for (int i = 0; i < k - 1; i++) {
            weight *= (double) (below - i) / (n - 1 - i);
        }
        return weight;
    }

    /** Means by name. */
    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < ks.length; i++) {
            means.put("best_of_" + ks[i] + "/reward", reward.get(i).mean());
            if (measured.get(i).count() > 0) {
                means.put("best_of_" + ks[i] + "/accuracy", measured.get(i).mean());
            }
        }
        return means;
    }

    /** Each point with its standard error over prompts. */
    List<Map<String, Object>> points() {
        List<Map<String, Object>> points = new ArrayList<>();
        for (int i = 0; i < ks.length; i++) {
            Map<String, Object> point = new LinkedHashMap<>();
            point.put("n", ks[i]);
            point.put("prompts", reward.get(i).count());
            put(point, "reward", reward.get(i));
            if (measured.get(i).count() > 0) {
                point.put("accuracy_prompts", measured.get(i).count());
                put(point, "accuracy", measured.get(i));
            }
            points.add(point);
        }
        return points;
    }

    static void put(Map<String, Object> point, String name, RunningStatistics values) {
        point.put(name, values.mean());
        if (values.count() > 1) {
            point.put(name + "_se", values.standardError());
        }
    }

    @Override
    public void save(ObjectNode state) {
        for (int i = 0; i < ks.length; i++) {
            save(state.putObject("reward_" + i), reward.get(i));
            save(state.putObject("measured_" + i), measured.get(i));
        }
    }

    static void save(ObjectNode node, RunningStatistics values) {
        node.put("count", values.count()).put("mean", values.mean()).put("squares", values.squares());
    }

    @Override
    public void restore(ObjectNode state) {
        for (int i = 0; i < ks.length; i++) {
            reward.set(i, restored(state.path("reward_" + i)));
            measured.set(i, restored(state.path("measured_" + i)));
        }
    }

    static RunningStatistics restored(JsonNode node) {
        return new RunningStatistics(
                node.path("count").asLong(),
                node.path("mean").asDouble(),
                node.path("squares").asDouble());
    }
}
