package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.rollout.RewardChoiceConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The advantages of a generation's responses from their rewards, as a stage's config has it.
 *
 * @param list by group, then by response
 * @param shareWithoutSpread the share of responses from which nothing can be learnt, since what is compared is all the same
 */
record GroupAdvantages(List<double[]> list, double shareWithoutSpread) {
    private static final double EPSILON = 1e-4; // TRL

    static GroupAdvantages of(List<List<Rollout>> groups, GrpoConfig config) {
        if (config.multiObjectiveAggregation() == MultiObjectiveAggregation.NORMALIZE_THEN_SUM) {
            return normalizedEach(groups, weights(config.rewards()));
        }
        List<double[]> rewards = groups.stream()
                .map(group -> group.stream().mapToDouble(Rollout::score).toArray())
                .toList();
        return new GroupAdvantages(
                config.scaleRewards().advantages(rewards), config.scaleRewards().shareWithoutSpread(rewards));
    }

    /** By name; of stored responses, which have one reward, none. */
    private static Map<String, Double> weights(RewardChoiceConfig config) {
        Map<String, Double> weights = new LinkedHashMap<>();
        for (RewardEntry entry : config.entries()) {
            weights.put(entry.shownName(), entry.weightOrOne());
        }
        return weights;
    }

    private static GroupAdvantages normalizedEach(List<List<Rollout>> groups, Map<String, Double> weights) {
        List<double[]> sums = new ArrayList<>();
        for (List<Rollout> group : groups) {
            double[] sum = group.stream()
                    .mapToDouble(rollout -> rollout.isScored() ? 0 : Double.NaN)
                    .toArray();
            for (String name : group.get(0).scores().keySet()) {
                double[] rewards = group.stream()
                        .mapToDouble(rollout ->
                                rollout.isScored() ? rollout.scores().getOrDefault(name, Double.NaN) : Double.NaN)
                        .toArray();
                double[] scaled =
                        ScaleRewards.GROUP.advantages(List.of(rewards)).get(0);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += weights.getOrDefault(name, 1.0) * scaled[i];
                }
            }
            sums.add(sum);
        }
        return new GroupAdvantages(normalized(sums), ScaleRewards.BATCH.shareWithoutSpread(sums));
    }

    /** All of them with mean 0 and standard deviation 1; 0 for one that is NaN, and for one that is alone. */
    static List<double[]> normalized(List<double[]> groups) {
        RunningStatistics all = RunningStatistics.of(groups.stream()
                .flatMapToDouble(Arrays::stream)
                .filter(value -> !Double.isNaN(value))
                .toArray());
        double divisor = Math.sqrt(all.sampleVariance()) + EPSILON;
        return groups.stream()
                .map(group -> Arrays.stream(group)
                        .map(value -> Double.isNaN(value) || all.count() < 2 ? 0 : (value - all.mean()) / divisor)
                        .toArray())
                .toList();
    }
}
