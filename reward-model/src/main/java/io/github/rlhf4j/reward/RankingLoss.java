package io.github.rlhf4j.reward;

/** A loss over the responses of one prompt, ranked from best to worst; a prompt is one element of a batch however many responses it has. */
public interface RankingLoss {
    /**
     * The loss of one prompt.
     *
     * @param scores score of each response, at least two
     * @param ranks rank of each response, smaller is better, equal is a tie; not modified
     * @param margin how much more a better response should score; 0 where the data have none, or the loss takes none
     */
    RankingGradient evaluate(double[] scores, int[] ranks, double margin);

    /** Without a margin. */
    default RankingGradient evaluate(double[] scores, int[] ranks) {
        return evaluate(scores, ranks, 0);
    }

    /** Whether a margin has an effect. */
    default boolean takesMargins() {
        return false;
    }
}
