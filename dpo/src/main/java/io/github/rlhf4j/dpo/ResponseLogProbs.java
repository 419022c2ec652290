package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;

/** Something that says how likely responses are: a model without gradients. */
interface ResponseLogProbs {
    /**
     * Log-probabilities of whole responses, nats.
     *
     * @param groups the responses of each example
     * @return (examples, responses)
     */
    double[][] score(List<List<TokenSequence>> groups);
}
