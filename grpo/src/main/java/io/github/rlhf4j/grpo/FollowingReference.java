package io.github.rlhf4j.grpo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code sync_ref_model: true}: the reference follows the policy. Its weights are its state.
 *
 * <pre>  reference = alpha policy + (1 - alpha) reference,   every so many steps</pre>
 */
final class FollowingReference implements Stateful {
    private final SharedModel reference;
    private final Transformer policy;
    private final GroupReferenceConfig config;

    FollowingReference(SharedModel reference, Transformer policy, GroupReferenceConfig config) {
        this.reference = reference;
        this.policy = policy;
        this.config = config;
    }

    /** After an optimiser step. */
    void follow(long step) {
        if (step % config.syncSteps() == 0) {
            reference.model().parameters().mixFrom(policy.parameters(), 1 - config.mixupAlpha());
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
