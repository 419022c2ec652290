package io.github.rlhf4j.dpo;

/**
 * The divergence scores of a pair and their slopes by the policy's log-probabilities.
 *
 * @param chosen score of the chosen response
 * @param rejected score of the rejected response
 * @param chosenSlope d chosen score / d its log-probability
 * @param rejectedSlope d rejected score / d its log-probability
 */
public record PairScores(double chosen, double rejected, double chosenSlope, double rejectedSlope) {
    /** The chosen score less the rejected one. */
    public double gap() {
        return chosen - rejected;
    }

    /** The gradient of a loss that is a function of the gap, by the chain rule. */
    public PairGradient gradient(double loss, double dGap) {
        return new PairGradient(loss, dGap * chosenSlope, -dGap * rejectedSlope);
    }

    /** The scores per token of each response. */
    public PairScores perToken(PairLogProbs pair) {
        return new PairScores(
                chosen / pair.chosenTokens(),
                rejected / pair.rejectedTokens(),
                chosenSlope / pair.chosenTokens(),
                rejectedSlope / pair.rejectedTokens());
    }
}
