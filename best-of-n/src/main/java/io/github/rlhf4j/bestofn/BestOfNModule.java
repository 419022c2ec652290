package io.github.rlhf4j.bestofn;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.BuiltInRewards;
import io.github.rlhf4j.rollout.RewardBinder;

/**
 * Best of n, rejection sampling and RAFT as a stage of type {@code best_of_n}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code best_of_n}. Extended by: {@link RewardBinder#rewardBinder}.
 */
public final class BestOfNModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("best_of_n", BestOfNStage.class);
        install(new BuiltInRewards());
    }
}
