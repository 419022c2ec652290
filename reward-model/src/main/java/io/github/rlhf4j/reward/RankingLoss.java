package io.github.rlhf4j.reward;

/** A loss over the responses of one prompt, ranked from best to worst; a prompt is one element of a batch however many responses it has. */
public interface RankingLoss {
    /**
     * The loss of one prompt.
     *
     * @param scores score of each response, at least two
     * @param ranks rank of each response, smaller is better, equal is a tie; not modified
     */
    RankingGradient evaluate(double[] scores, int[] ranks);
}
