package io.github.rlhf4j.rollout;

import java.util.List;
import java.util.Optional;

/** The rewards of a stage while it runs, with the models behind them, which it owns. */
public final class OpenRewards implements AutoCloseable {
    /** None: the stage has its reward from elsewhere. */
    public static final OpenRewards NONE = new OpenRewards(Optional.empty(), List.of());

    private final Optional<Rewards> rewards;
    private final List<AutoCloseable> owned;

    private OpenRewards(Optional<Rewards> rewards, List<AutoCloseable> owned) {
        this.rewards = rewards;
        this.owned = List.copyOf(owned);
    }

    OpenRewards(Rewards rewards, List<AutoCloseable> owned) {
        this(Optional.of(rewards), owned);
    }

    /** What scores. */
    public Rewards rewards() {
        return rewards.orElseThrow();
    }

    /** What scores; empty for {@link #NONE}. */
    public Optional<Rewards> given() {
        return rewards;
    }

    @Override
    public void close() {
        closeAll(owned);
    }

    /** Closes them, the last first. */
    static void closeAll(List<AutoCloseable> resources) {
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
