package io.github.rlhf4j.rollout;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.multibindings.MapBinder;

/** Binds reward functions by the name that a run file uses. */
public final class RewardBinder {
    private final Binder binder;
    private final MapBinder<String, RewardFunction> rewards;

    private RewardBinder(Binder binder) {
        this.binder = binder;
        this.rewards = MapBinder.newMapBinder(binder, String.class, RewardFunction.class);
    }

    /** The binder of reward functions. */
    public static RewardBinder rewardBinder(Binder binder) {
        return new RewardBinder(binder);
    }

    /** {@code reward_function: name} means this class, one instance for the whole process. */
    public RewardBinder bind(String name, Class<? extends RewardFunction> reward) {
        binder.bind(reward).in(Scopes.SINGLETON);
        rewards.addBinding(name).to(reward);
        return this;
    }

    /** {@code reward_function: name} means this object, such as a lambda. */
    public RewardBinder bind(String name, RewardFunction reward) {
        rewards.addBinding(name).toInstance(reward);
        return this;
    }
}
