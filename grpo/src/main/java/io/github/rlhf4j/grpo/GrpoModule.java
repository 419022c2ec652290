package io.github.rlhf4j.grpo;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.BuiltInRewards;
import io.github.rlhf4j.rollout.RewardBinder;

/**
 * Learning from groups of responses: group relative policy optimisation as a stage of type {@code grpo}, REINFORCE leave-one-out as {@code rloo}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code grpo}, {@code rloo}. Extended by: {@link RewardBinder#rewardBinder}.
 */
public final class GrpoModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("grpo", GrpoStage.class);
        StageBinder.stageBinder(binder()).bind("rloo", RlooStage.class);
        bind(GroupRun.class);
        install(new BuiltInRewards());
    }
}
