package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Stateful;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code precompute_ref_log_probs: false}: a reference asked in every step, which may follow the policy (TR-DPO).
 *
 * <pre>  reference = mixup policy + (1 - mixup) reference,   every so many steps</pre>
 *
 * <p>Source: Gorbatovski et al. 2024, arXiv:2404.09656, Eq. 5. Owns the model. Its weights are its state.
 *
 * @param <T> the example
 */
final class SyncedReference<T> implements Reference<T>, Stateful {
    private final ResponseLayout<T> layout;
    private final Transformer model;
    private final ResponseLogProbs scorer;
    private final long syncSteps;
    private final double mixup;

    /**
     * @param syncSteps optimiser steps from one mixture to the next; 0: never
     * @param mixup weight of the policy in the mixture
     */
    SyncedReference(
            ResponseLayout<T> layout, Transformer model, ResponseLogProbs scorer, long syncSteps, double mixup) {
        this.layout = layout;
        this.model = model;
        this.scorer = scorer;
        this.syncSteps = syncSteps;
        this.mixup = mixup;
    }

    @Override
    public Examples<WithRefLogProbs<T>> attach(Examples<T> examples, long[] used) {
        return new None<>(layout).attach(examples, used);
    }

    @Override
    public List<WithRefLogProbs<T>> complete(List<WithRefLogProbs<T>> examples) {
        double[][] logProbs = scorer.score(
                examples.stream().map(example -> layout.of(example.tokens())).toList());
        List<WithRefLogProbs<T>> completed = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            completed.add(new WithRefLogProbs<>(examples.get(i).tokens(), logProbs[i]));
        }
        return completed;
    }

    @Override
    public void afterStep(long step, Transformer policy) {
        if (syncSteps > 0 && step % syncSteps == 0) {
            model.parameters().mixFrom(policy.parameters(), 1 - mixup);
        }
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : model.parameters().all()) {
            tensors.put(parameter.name(), parameter.value());
        }
        return tensors;
    }

    @Override
    public void close() {
        model.close();
    }
}
