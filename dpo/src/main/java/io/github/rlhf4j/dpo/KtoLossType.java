package io.github.rlhf4j.dpo;

/** What a stage of type {@code kto} minimises, by TRL's names. */
public enum KtoLossType {
    /** {@link KtoLoss} with the batch's estimate of the divergence as its reference point. */
    KTO,
    /** The same with 0 as its reference point: APO-zero of D'Oosterlinck et al. 2024, arXiv:2408.06266, Eq. 7, without pairs. */
    APO_ZERO_UNPAIRED
}
