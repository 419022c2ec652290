package io.github.rlhf4j.dpo;

import java.util.List;

/**
 * A loss over a batch of preference pairs, as plain arithmetic: log-probabilities in, loss and derivatives out.
 *
 * <p>Implement {@link PairwiseLoss} where the loss is a mean over pairs. Implementations are immutable, hence safe for threads.
 */
public interface PreferenceLoss {
    /**
     * The mean loss over {@code batch} and its derivatives.
     *
     * @param batch one whole optimiser step's pairs (any part of them where {@link #separable}), not empty, not modified
     */
    PreferenceGradient evaluate(List<PairLogProbs> batch);

    /**
     * The same with a factor for each pair's loss, as WPO's {@code use_weighting} has it.
     *
     * @param weights as many as pairs; constants, no gradient flows through them
     */
    default PreferenceGradient evaluate(List<PairLogProbs> batch, double[] weights) {
        throw new UnsupportedOperationException(getClass() + " takes no weights");
    }

    /** Whether {@link #evaluate(List, double[])} is implemented. */
    default boolean takesWeights() {
        return false;
    }

    /** Whether the loss of a batch is the mean of its pairs' losses, so that parts may be evaluated apart and weighted by their size. */
    default boolean separable() {
        return false;
    }

    /** Whether the loss reads the reference's log-probabilities; where it does not, they are not computed and given as 0. */
    default boolean needsReference() {
        return true;
    }

    /**
     * What the reported {@code rewards/...} are, before the factor beta.
     *
     * @param logProb log-probability of a response under the policy, nats
     * @param refLogProb the same under the reference, nats, 0 where there is none
     * @param tokens length of the response, tokens
     */
    default double impliedReward(double logProb, double refLogProb, int tokens) {
        return logProb - refLogProb;
    }
}
