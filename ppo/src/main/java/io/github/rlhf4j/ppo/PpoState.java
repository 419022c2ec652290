package io.github.rlhf4j.ppo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.train.Stateful;

/** What PPO carries from iteration to iteration besides models and optimisers: the KL coefficient, the scores' statistics, the episodes. */
final class PpoState implements Stateful {
    private KlController controller;
    private ScoreNormalizer normalizer;
    private long episodes;

    PpoState(KlController controller, ScoreNormalizer normalizer) {
        this.controller = controller;
        this.normalizer = normalizer;
    }

    /** At the start of a stage. */
    static PpoState of(PpoConfig config) {
        return new PpoState(
                config.kl().atStart(),
                switch (config.scores().rewardNormalization()) {
                    case NONE -> new ScoreNormalizer.None();
                    case BATCH -> new ScoreNormalizer.Batch();
                    case RUNNING -> new ScoreNormalizer.Running(RunningStatistics.EMPTY);
                    case STORED ->
                        stored(config.scores().rewards().rewardModel().orElseThrow());
                });
    }

    private static ScoreNormalizer stored(ModelReference rewardModel) {
        ScoreStatistics statistics = rewardModel
                .scoreStatistics()
                .orElseThrow(() -> new UserError(
                        "reward_normalization: stored needs score_mean and score_std in the config.json of "
                                + rewardModel.directory() + ", which a reward stage writes; take running or batch"));
        return new ScoreNormalizer.Stored(statistics.mean(), statistics.std());
    }

    KlController controller() {
        return controller;
    }

    ScoreNormalizer normalizer() {
        return normalizer;
    }

    long episodes() {
        return episodes;
    }

    /** After an iteration. */
    void advance(RolloutMetrics metrics, ScoreNormalizer observed) {
        controller = controller.after(metrics.meanKl(), metrics.responses());
        normalizer = observed;
        episodes += metrics.responses();
    }

    @Override
    public void save(ObjectNode state) {
        state.put("episodes", episodes);
        state.put("kl_coef", controller.coefficient());
        if (normalizer instanceof ScoreNormalizer.Running running) {
            state.put("count", running.seen().count());
            state.put("mean", running.seen().mean());
            state.put("squares", running.seen().squares());
        }
    }

    @Override
    public void restore(ObjectNode state) {
        episodes = state.get("episodes").asLong();
        if (controller instanceof KlController.Adaptive adaptive) {
            controller =
                    new KlController.Adaptive(state.get("kl_coef").asDouble(), adaptive.target(), adaptive.horizon());
        }
        if (normalizer instanceof ScoreNormalizer.Running) {
            normalizer = new ScoreNormalizer.Running(new RunningStatistics(
                    state.get("count").asLong(),
                    state.get("mean").asDouble(),
                    state.get("squares").asDouble()));
        }
    }
}
