package io.github.rlhf4j.reward;

/**
 * The loss of one comparison and its derivatives.
 *
 * @param loss the loss, nats (plus the centring term)
 * @param dChosen d loss / d (score of the chosen response)
 * @param dRejected d loss / d (score of the rejected response)
 */
public record ScorePairGradient(double loss, double dChosen, double dRejected) {}
