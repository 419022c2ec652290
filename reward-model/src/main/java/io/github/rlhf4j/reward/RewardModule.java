package io.github.rlhf4j.reward;

import static io.github.rlhf4j.core.stage.StageBinder.stageBinder;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.JudgeModule;
import io.github.rlhf4j.reward.process.ProcessRewardTrainer;

/**
 * Reward models on rankings as a stage of type {@code reward}, process reward models as one of type {@code process_reward}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code reward}, {@code process_reward}; {@link JudgeModule}. Extended by: judges.
 */
public final class RewardModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        stageBinder(binder()).bind("reward", RewardTrainer.class).bind("process_reward", ProcessRewardTrainer.class);
        install(new JudgeModule());
    }
}
