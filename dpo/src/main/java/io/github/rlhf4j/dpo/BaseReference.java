package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.stage.StartingModel;
import java.util.List;

/**
 * {@code precompute_ref_log_probs: false} where an adapter is trained: the policy as training found it, its adapter off, asked in every step. There is no second model.
 *
 * @param <T> the example
 */
final class BaseReference<T> implements StepReference<T> {
    private final ResponseLayout<T> layout;
    private final SharedModel shared;
    private final StartingModel start;
    private final ResponseLogProbs scorer;

    /**
     * @param shared the policy, its owner's
     * @param start as it was; closed with this
     */
    BaseReference(ResponseLayout<T> layout, SharedModel shared, StartingModel start, ResponseLogProbs scorer) {
        this.layout = layout;
        this.shared = shared;
        this.start = start;
        this.scorer = scorer;
    }

    @Override
    public List<WithRefLogProbs<T>> score(List<T> batch) {
        return start.compute(() -> scorer.score(batch, layout));
    }

    @Override
    public void close() {
        start.close();
        shared.close();
    }
}
