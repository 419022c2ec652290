package io.github.rlhf4j.reward;

/** What every loss and metric asks of a ranking. */
final class Rankings {
    private Rankings() {}

    /** @throws IllegalArgumentException unless there are as many ranks as scores, at least two, and all scores are numbers */
    static void check(double[] scores, int[] ranks) {
        if (scores.length != ranks.length || scores.length < 2) {
            throw new IllegalArgumentException("need as many ranks as scores and at least two, but have "
                    + scores.length + " scores and " + ranks.length + " ranks");
        }
        for (double score : scores) {
            if (Double.isNaN(score)) {
                throw new IllegalArgumentException("a score is not a number");
            }
        }
    }

    /** The pairs of different rank. */
    static int comparisons(int[] ranks) {
        int pairs = 0;
        for (int i = 0; i < ranks.length; i++) {
            for (int j = 0; j < i; j++) {
                if (ranks[i] != ranks[j]) {
                    pairs++;
                }
            }
        }
        return pairs;
    }
}
