package io.github.rlhf4j.dpo;

/**
 * What a loss may know of one preference pair: sums over the response tokens (end token included) of log-probabilities, and lengths.
 *
 * <p>Where a loss needs no reference ({@link PreferenceLoss#needsReference}), the reference sums are 0.
 *
 * @param chosen log-probability of the chosen response under the policy, nats
 * @param rejected log-probability of the rejected response under the policy, nats
 * @param refChosen log-probability of the chosen response under the reference, nats
 * @param refRejected log-probability of the rejected response under the reference, nats
 * @param chosenTokens length of the chosen response, tokens, > 0
 * @param rejectedTokens length of the rejected response, tokens, > 0
 */
public record PairLogProbs(
        double chosen, double rejected, double refChosen, double refRejected, int chosenTokens, int rejectedTokens) {
    public PairLogProbs {
        if (chosenTokens <= 0 || rejectedTokens <= 0) {
            throw new IllegalArgumentException(
                    "responses must have at least one token, but have " + chosenTokens + " and " + rejectedTokens);
        }
    }

    /** log pi / ref of the chosen response, nats. */
    public double chosenLogRatio() {
        return chosen - refChosen;
    }

    /** log pi / ref of the rejected response, nats. */
    public double rejectedLogRatio() {
        return rejected - refRejected;
    }

    /** Mean log-probability of a token of the chosen response under the policy, nats per token. */
    public double chosenMean() {
        return chosen / chosenTokens;
    }

    /** Mean log-probability of a token of the rejected response under the policy, nats per token. */
    public double rejectedMean() {
        return rejected / rejectedTokens;
    }
}
