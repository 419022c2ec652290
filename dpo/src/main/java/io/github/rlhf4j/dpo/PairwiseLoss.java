package io.github.rlhf4j.dpo;

import java.util.Arrays;
import java.util.List;

/** A {@link PreferenceLoss} that is a mean over pairs: one pair at a time is all an implementation sees. */
public interface PairwiseLoss extends PreferenceLoss {
    /** The loss of one pair and its derivatives. */
    PairGradient evaluatePair(PairLogProbs pair);

    @Override
    default PreferenceGradient evaluate(List<PairLogProbs> batch) {
        double[] ones = new double[batch.size()];
        Arrays.fill(ones, 1);
        return evaluate(batch, ones);
    }

    @Override
    default boolean takesWeights() {
        return true;
    }

    @Override
    default PreferenceGradient evaluate(List<PairLogProbs> batch, double[] weights) {
        int pairs = batch.size();
        double loss = 0;
        double[] dChosen = new double[pairs];
        double[] dRejected = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            PairGradient gradient = evaluatePair(batch.get(i));
            loss += weights[i] * gradient.loss() / pairs;
            dChosen[i] = weights[i] * gradient.dChosen() / pairs;
            dRejected[i] = weights[i] * gradient.dRejected() / pairs;
        }
        return new PreferenceGradient(loss, dChosen, dRejected);
    }

    @Override
    default boolean separable() {
        return true;
    }
}
