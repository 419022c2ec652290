package io.github.rlhf4j.dpo;

/**
 * An example with what the reference says about it.
 *
 * @param <T> the example
 * @param tokens the example itself
 * @param refLogProbs log-probability under the reference of each response of its layout, nats; 0 where there is no reference, or not yet; not copied
 */
@SuppressWarnings("ArrayRecordComponent")
record WithRefLogProbs<T>(T tokens, double[] refLogProbs) {}
