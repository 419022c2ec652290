package io.github.rlhf4j.dpo;

import java.util.List;
import java.util.function.Function;

/**
 * A weighted sum of losses, as in MPO (Wang et al. 2024, arXiv:2411.10442: sigmoid 0.8, bco_pair 0.2, sft 1.0), ORPO and CPO.
 *
 * <p>One part says what is better, another what is good in itself, a third keeps the language.
 *
 * <p>Separable where all its parts are; reports the rewards of its first part.
 */
final class MixtureLoss implements PreferenceLoss {
    private final List<Part> parts;

    /**
     * A loss and its weight.
     *
     * @param loss the loss
     * @param weight its factor, finite
     */
    record Part(PreferenceLoss loss, double weight) {}

    /** @param parts at least one */
    MixtureLoss(List<Part> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a mixture needs at least one loss");
        }
        this.parts = List.copyOf(parts);
    }

    @Override
    public PreferenceGradient evaluate(List<PairLogProbs> batch) {
        return sum(batch, part -> part.evaluate(batch));
    }

    @Override
    public PreferenceGradient evaluate(List<PairLogProbs> batch, double[] weights) {
        return sum(batch, part -> part.evaluate(batch, weights));
    }

    private PreferenceGradient sum(List<PairLogProbs> batch, Function<PreferenceLoss, PreferenceGradient> evaluation) {
        double loss = 0;
        double[] dChosen = new double[batch.size()];
        double[] dRejected = new double[batch.size()];
        for (Part part : parts) {
            PreferenceGradient gradient = evaluation.apply(part.loss());
            loss += part.weight() * gradient.loss();
            for (int i = 0; i < dChosen.length; i++) {
                dChosen[i] += part.weight() * gradient.dChosen(i);
                dRejected[i] += part.weight() * gradient.dRejected(i);
            }
        }
        return new PreferenceGradient(loss, dChosen, dRejected);
    }

    @Override
    public boolean takesWeights() {
        return parts.stream().allMatch(part -> part.loss().takesWeights());
    }

    @Override
    public boolean separable() {
        return parts.stream().allMatch(part -> part.loss().separable());
    }

    @Override
    public boolean needsReference() {
        return parts.stream().anyMatch(part -> part.loss().needsReference());
    }

    @Override
    public double impliedReward(double logProb, double refLogProb, int tokens) {
        return parts.get(0).loss().impliedReward(logProb, refLogProb, tokens);
    }
}
