package io.github.rlhf4j.dpo;

import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;

/** Something that says how likely responses are: a model without gradients. */
interface PairScorer {
    /**
     * Log-probabilities of whole responses, nats.
     *
     * @return for each pair in order its chosen and then its rejected response: twice as many numbers as pairs
     */
    double[] score(List<TokenizedPair> pairs);
}
