package io.github.rlhf4j.reward;

/** The loss of one prompt's ranked responses and its derivatives by their scores. Immutable. */
public final class RankingGradient {
    private final double loss;
    private final double[] dScores;
    private final int comparisons;

    /**
     * Copies its arguments.
     *
     * @param loss of the prompt
     * @param dScores d loss / d (score), by response
     * @param comparisons that the loss is a mean of; 0 where all responses are tied
     */
    public RankingGradient(double loss, double[] dScores, int comparisons) {
        this.loss = loss;
        this.dScores = dScores.clone();
        this.comparisons = comparisons;
    }

    /** The loss of the prompt; 0 where nothing could be compared. */
    public double loss() {
        return loss;
    }

    /** d loss / d (score of response {@code response}). */
    public double dScore(int response) {
        return dScores[response];
    }

    /** The number of comparisons the loss is a mean of, 0 where all responses are tied. */
    public int comparisons() {
        return comparisons;
    }

    /** The number of responses. */
    public int size() {
        return dScores.length;
    }
}
