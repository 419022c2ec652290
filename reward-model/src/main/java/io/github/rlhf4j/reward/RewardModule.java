package io.github.rlhf4j.reward;

import static io.github.rlhf4j.core.train.StageBinder.stageBinder;

import com.google.inject.AbstractModule;

/**
 * Reward models on rankings as a stage of type {@code reward}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code reward}.
 */
public final class RewardModule extends AbstractModule {
    @Override
    protected void configure() {
        stageBinder(binder()).bind("reward", RewardTrainer.class);
    }
}
