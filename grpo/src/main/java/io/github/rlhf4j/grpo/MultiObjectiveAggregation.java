package io.github.rlhf4j.grpo;

/** How several rewards make one advantage, by TRL's names. */
public enum MultiObjectiveAggregation {
    /** Their weighted sum is the reward. */
    SUM_THEN_NORMALIZE,
    /**
     * Each is scaled by its group; the weighted sum of that is scaled by all responses of the generation.
     *
     * <p>Source: Liu et al. 2026 (GDPO), arXiv:2601.05242.
     */
    NORMALIZE_THEN_SUM
}
