package io.github.rlhf4j.grpo;

/** The losses by TRL's names. */
public enum LossType {
    /** Shao et al. 2024, arXiv:2402.03300: mean over responses of each one's mean. */
    GRPO(Aggregation.SEQUENCE),
    /** TRL's: mean over the tokens of the step. */
    BNPO(Aggregation.TOKEN),
    /** Liu et al. 2025, arXiv:2503.20783: divided by a constant, so long responses are no cheaper. */
    DR_GRPO(Aggregation.LONGEST),
    /** Yu et al. 2025, arXiv:2503.14476: mean over the tokens of the generation. */
    DAPO(Aggregation.GENERATION),
    /** MiniMax 2025, arXiv:2506.13585. */
    CISPO(Aggregation.GENERATION),
    /** Gao et al. 2025, arXiv:2511.20347. */
    SAPO(Aggregation.SEQUENCE);

    private final Aggregation aggregation;

    LossType(Aggregation aggregation) {
        this.aggregation = aggregation;
    }

    Aggregation aggregation() {
        return aggregation;
    }
}
