package io.github.rlhf4j.dpo;

import io.github.rlhf4j.datasets.tokens.TokenizedPair;

/**
 * A pair with what the reference says about it.
 *
 * @param pair its tokens
 * @param refChosen log-probability of the chosen response under the reference, nats; 0 where no reference is needed
 * @param refRejected the same of the rejected response
 */
record DpoExample(TokenizedPair pair, double refChosen, double refRejected) {}
