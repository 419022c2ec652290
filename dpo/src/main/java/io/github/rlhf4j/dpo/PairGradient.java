package io.github.rlhf4j.dpo;

/**
 * A pair's loss and its derivatives.
 *
 * @param loss the loss of the pair
 * @param dChosen d loss / d (policy log-probability of the chosen response)
 * @param dRejected d loss / d (policy log-probability of the rejected response)
 */
public record PairGradient(double loss, double dChosen, double dRejected) {}
