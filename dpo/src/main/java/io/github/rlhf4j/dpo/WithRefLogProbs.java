package io.github.rlhf4j.dpo;

/**
 * An example with what the reference says about it; {@link ResponseLogProbs#score(java.util.List, ResponseLayout)} makes these.
 *
 * @param <T> the example
 * @param tokens the example itself
 * @param refLogProbs log-probability under the reference of each response of its layout, nats; 0 where the loss needs no reference; not copied
 */
@SuppressWarnings("ArrayRecordComponent")
public record WithRefLogProbs<T>(T tokens, double[] refLogProbs) {}
