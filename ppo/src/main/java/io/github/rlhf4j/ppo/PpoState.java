package io.github.rlhf4j.ppo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.RunningStatistics;
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
