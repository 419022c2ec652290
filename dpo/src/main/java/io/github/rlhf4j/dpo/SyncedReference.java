package io.github.rlhf4j.dpo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code precompute_ref_log_probs: false}: a reference asked in every step, which may follow the policy (TR-DPO).
 *
 * <pre>  reference = mixup policy + (1 - mixup) reference,   every so many steps</pre>
 *
 * <p>Source: Gorbatovski et al. 2024, arXiv:2404.09656, Eq. 5. Owns its model. The model's weights are its state.
 *
 * @param <T> the example
 */
final class SyncedReference<T> implements Reference<T>, Stateful {
    private final ResponseLayout<T> layout;
    private final SharedModel shared;
    private final ResponseLogProbs scorer;
    private final Transformer policy;
    private final long syncSteps;
    private final double mixup;

    /**
     * @param shared its model
     * @param policy what it follows
     * @param syncSteps optimiser steps from one mixture to the next; 0: never
     * @param mixup weight of the policy in the mixture
     */
    SyncedReference(
            ResponseLayout<T> layout,
            SharedModel shared,
            ResponseLogProbs scorer,
            Transformer policy,
            long syncSteps,
            double mixup) {
        this.layout = layout;
        this.shared = shared;
        this.scorer = scorer;
        this.policy = policy;
        this.syncSteps = syncSteps;
        this.mixup = mixup;
    }

    @Override
    public ScoredRows<T> score(StageLoop<T> loop, Examples<T> rows, Map<String, ? extends Examples<T>> held) {
        ScoredRows<T> scored = Reference.inTheStep(loop, held, batch -> scorer.score(batch, layout));
        scored.loop().afterStep(this::follow);
        return scored;
    }

    private void follow(long step) {
        if (syncSteps > 0 && step % syncSteps == 0) {
            shared.model().parameters().mixFrom(policy.parameters(), 1 - mixup);
            shared.changed();
        }
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : shared.model().parameters().all()) {
            tensors.put(parameter.name(), parameter.value());
        }
        return tensors;
    }

    @Override
    public void restore(ObjectNode state) {
        shared.changed();
    }

    @Override
    public void close() {
        shared.close();
        shared.model().close();
    }
}
