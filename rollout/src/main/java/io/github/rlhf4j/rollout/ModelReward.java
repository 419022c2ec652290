package io.github.rlhf4j.rollout;

import java.util.List;

/** Reward models: each scores by itself, and several scores become one. */
final class ModelReward implements Reward {
    private final RewardEntry entry;
    private final List<Reward> models;

    ModelReward(RewardEntry entry, List<Reward> models) {
        this.entry = entry;
        this.models = List.copyOf(models);
    }

    @Override
    public double[] score(List<Rollout> rollouts) {
        List<double[]> scores =
                models.stream().map(model -> model.score(rollouts)).toList();
        double[] aggregated = new double[rollouts.size()];
        for (int i = 0; i < aggregated.length; i++) {
            int sample = i;
            aggregated[i] = entry.aggregated(
                    scores.stream().mapToDouble(ofModel -> ofModel[sample]).toArray());
        }
        return aggregated;
    }
}
