package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The exponential moving average of a policy's weights (InstructGPT: 0.992).
 *
 * <pre>  average = decay * average + (1 - decay) * policy,   after each iteration</pre>
 */
final class MovingAverage implements Stateful {
    private final Transformer average;
    private final double decay;

    MovingAverage(Transformer policy, double decay) {
        this.average = policy.adapter().isPresent() ? policy.withAdapterCopied() : policy.copy(false);
        this.decay = decay;
    }

    void update(Transformer policy) {
        average.trained().mixFrom(policy.trained(), decay);
    }

    Transformer model() {
        return average;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        average.trained().all().forEach(parameter -> tensors.put(parameter.name(), parameter.value()));
        return tensors;
    }
}
