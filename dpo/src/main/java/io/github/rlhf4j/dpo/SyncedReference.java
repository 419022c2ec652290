package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.stage.FollowingModel;
import java.util.List;
import java.util.Optional;

/**
 * {@code precompute_ref_log_probs: false}: a reference asked in every step, which may follow the policy. Owns its model.
 *
 * @param <T> the example
 */
final class SyncedReference<T> implements StepReference<T> {
    private final ResponseLayout<T> layout;
    private final SharedModel shared;
    private final ResponseLogProbs scorer;
    private final Optional<FollowingModel> following;

    /**
     * @param shared its model
     * @param following what makes that follow the policy; empty: it stays as it is
     */
    SyncedReference(
            ResponseLayout<T> layout, SharedModel shared, ResponseLogProbs scorer, Optional<FollowingModel> following) {
        this.layout = layout;
        this.shared = shared;
        this.scorer = scorer;
        this.following = following;
    }

    @Override
    public List<WithRefLogProbs<T>> score(List<T> batch) {
        return scorer.score(batch, layout);
    }

    @Override
    public void afterStep(long step) {
        following.ifPresent(model -> model.afterStep(step));
    }

    @Override
    public void close() {
        shared.close();
        shared.model().close();
    }
}
