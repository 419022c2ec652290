package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code sync_ref_model: true}: a reference that follows the policy (TR-DPO).
 *
 * <pre>  reference = alpha policy + (1 - alpha) reference,   every so many steps</pre>
 *
 * <p>Source: Gorbatovski et al. 2024, arXiv:2404.09656, Eq. 5. The reference's weights are its state. {@link ReferenceSyncConfig#follow} makes it.
 */
public final class FollowingModel implements Stateful {
    private final SharedModel reference;
    private final Transformer policy;
    private final double alpha;
    private final long steps;

    FollowingModel(SharedModel reference, Transformer policy, double alpha, long steps) {
        this.reference = reference;
        this.policy = policy;
        this.alpha = alpha;
        this.steps = steps;
    }

    /** After optimiser step {@code step}, from 1. */
    public void afterStep(long step) {
        if (step % steps == 0) {
            reference.model().parameters().mixFrom(policy.parameters(), 1 - alpha);
            reference.changed();
        }
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : reference.model().parameters().all()) {
            tensors.put(parameter.name(), parameter.value());
        }
        return tensors;
    }

    @Override
    public void restore(ObjectNode state) {
        reference.changed();
    }
}
