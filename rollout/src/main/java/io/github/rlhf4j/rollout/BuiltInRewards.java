package io.github.rlhf4j.rollout;

import com.google.inject.AbstractModule;

/**
 * The reward functions that every stage with rewards has.
 *
 * <p>Needs: nothing. Provides: {@link RewardSources}, {@code exact_match}; the others are {@link BuiltInFunctions}, in whose place a module may bind its own. Extended by: {@link RewardBinder#rewardBinder}. May be installed by several modules.
 */
public final class BuiltInRewards extends AbstractModule {
    @Override
    protected void configure() {
        bind(RewardSources.class);
        RewardBinder.rewardBinder(binder()).bind("exact_match", ExactMatch.class);
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
