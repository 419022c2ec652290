package io.github.rlhf4j.grpo;

/**
 * The loss of one token and its derivatives.
 *
 * @param loss its value
 * @param byRatio derivative by the ratio
 * @param byLogProb derivative by the token's log-probability besides that, per nat
 */
record TokenTerm(double loss, double byRatio, double byLogProb) {}
