package io.github.rlhf4j.bestofn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which of several rewards chooses best: the accuracy of the best of k by each of them alone, on the same samples, for the same k as in {@link Curve}. Part of every checkpoint.
 *
 * <p>Source: Lightman et al. 2023, arXiv:2305.20050, Fig. 3, of a process and an outcome reward.
 */
final class Choosers implements Stateful {
    private final int[] ks;
    private final Map<String, List<Point>> byReward = new LinkedHashMap<>();

    /**
     * At one k.
     *
     * @param accuracy of the best by this reward
     * @param gain of the best by the score over it, of the same prompts
     */
    private record Point(RunningStatistics accuracy, RunningStatistics gain) {
        static final Point EMPTY = new Point(RunningStatistics.EMPTY, RunningStatistics.EMPTY);

        Point plus(double own, double ofScore) {
            return new Point(accuracy.plus(own), gain.plus(ofScore - own));
        }
    }

    /**
     * @param n responses to each prompt
     * @param names of the rewards
     */
    Choosers(int n, List<String> names) {
        ks = Curve.ks(n);
        names.forEach(name -> byReward.put(name, List.of()));
        clear();
    }

    /** Forgets all prompts: a new round begins. */
    void clear() {
        byReward.replaceAll((name, points) ->
                new ArrayList<>(IntStream.of(ks).mapToObj(k -> Point.EMPTY).toList()));
    }

    /**
     * Adds a prompt. A reward chooses among the responses that it has scored; where there are none, it does not count.
     *
     * @param measures of its responses; empty where they are not known
     */
    void add(Group group, double[] measures) {
        if (measures.length == 0) {
            return;
        }
        byReward.forEach((name, points) -> {
            List<Rollout> responses = group.responses();
            int[] known = IntStream.range(0, responses.size())
                    .filter(i -> responses.get(i).knownScores().containsKey(name))
                    .toArray();
            if (known.length == 0) {
                return;
            }
            double[] rewards = IntStream.of(known)
                    .mapToDouble(i -> responses.get(i).scores().getOrDefault(name, Double.NaN))
                    .toArray();
            double[] own = IntStream.of(known).mapToDouble(i -> measures[i]).toArray();
            for (int i = 0; i < ks.length; i++) {
                double ofOwn = Curve.ofBest(rewards, own, Math.min(ks[i], own.length));
                double ofScore = Curve.ofBest(group.scores(), measures, Math.min(ks[i], measures.length));
                points.set(i, points.get(i).plus(ofOwn, ofScore));
            }
        });
    }

    /** Means by name. */
    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        byReward.forEach((name, points) -> {
            for (int i = 0; i < ks.length; i++) {
                RunningStatistics accuracy = points.get(i).accuracy();
                if (accuracy.count() > 0) {
                    means.put("best_of_" + ks[i] + "/accuracy/" + name, accuracy.mean());
                }
            }
        });
        return means;
    }

    /** Of each reward its points, with standard errors over prompts. */
    Map<String, List<Map<String, Object>>> points() {
        Map<String, List<Map<String, Object>>> all = new LinkedHashMap<>();
        byReward.forEach((name, points) -> {
            List<Map<String, Object>> of = new ArrayList<>();
            for (int i = 0; i < ks.length; i++) {
                Map<String, Object> point = new LinkedHashMap<>();
                point.put("n", ks[i]);
                point.put("prompts", points.get(i).accuracy().count());
                if (points.get(i).accuracy().count() > 0) {
                    Curve.put(point, "accuracy", points.get(i).accuracy());
                    Curve.put(point, "gain", points.get(i).gain());
                }
                of.add(point);
            }
            all.put(name, of);
        });
        return all;
    }

    @Override
    public void save(ObjectNode state) {
        byReward.forEach((name, points) -> {
            ArrayNode own = state.putArray(name);
            for (Point point : points) {
                ObjectNode node = own.addObject();
                Curve.save(node.putObject("accuracy"), point.accuracy());
                Curve.save(node.putObject("gain"), point.gain());
            }
        });
    }

    @Override
    public void restore(ObjectNode state) {
        byReward.forEach((name, points) -> {
            for (int i = 0; i < ks.length; i++) {
                JsonNode point = state.path(name).path(i);
                points.set(i, new Point(Curve.restored(point.path("accuracy")), Curve.restored(point.path("gain"))));
            }
        });
    }
}
