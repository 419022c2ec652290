package io.github.rlhf4j.ppo;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.BuiltInRewards;
import io.github.rlhf4j.rollout.RewardBinder;

/**
 * Proximal policy optimisation as a stage of type {@code ppo}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code ppo}. Extended by: {@link RewardBinder#rewardBinder}.
 */
public final class PpoModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("ppo", PpoStage.class);
        install(new BuiltInRewards());
    }
}
