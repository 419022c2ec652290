package io.github.rlhf4j.rollout;

import com.google.inject.AbstractModule;

/**
 * The reward functions that every stage with rewards has.
 *
 * <p>Needs: nothing. Provides: {@link RewardSources}, for {@link BuiltInFunctions} and, in their place or beside them, those that modules bind. Extended by: {@link RewardBinder#rewardBinder}. May be installed by several modules.
 */
public final class BuiltInRewards extends AbstractModule {
    @Override
    protected void configure() {
        bind(RewardSources.class);
        RewardBinder.rewardBinder(binder()); // BuiltInFunctions are there without being bound
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BuiltInRewards;
    }

    @Override
    public int hashCode() {
        return BuiltInRewards.class.hashCode();
    }
}
