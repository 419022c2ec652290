package io.github.rlhf4j.grpo;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.BuiltInRewards;
import io.github.rlhf4j.rollout.RewardBinder;

/**
 * Group relative policy optimisation as a stage of type {@code grpo}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code grpo}. Extended by: {@link RewardBinder#rewardBinder}.
 */
public final class GrpoModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("grpo", GrpoStage.class);
        install(new BuiltInRewards());
    }
}
