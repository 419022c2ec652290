package io.github.rlhf4j.ppo;

/**
 * What a roll-out fixed about one response. The arrays are not copied; nobody changes them.
 *
 * @param oldLogProbs log-probability of each token when it was sampled, nats
 * @param advantages advantage of each token, as many
 * @param oldValues value at each position that has a return; as many as tokens, or one more where the score stands after the end
 * @param returns what the value model is to predict at those positions
 * @param importance weight of each token in the policy's loss; empty: 1
 */
@SuppressWarnings("ArrayRecordComponent")
public record PpoResponse(
        double[] oldLogProbs, double[] advantages, double[] oldValues, double[] returns, double[] importance) {
    public PpoResponse {
        if (oldLogProbs.length == 0 || oldLogProbs.length != advantages.length || oldValues.length != returns.length) {
            throw new IllegalArgumentException(
                    "a response needs a token, and an advantage and a return for each, but has "
                            + oldLogProbs.length + " log-probs, " + advantages.length + " advantages, "
                            + oldValues.length
                            + " values, " + returns.length + " returns");
        }
    }

    /** One all of whose tokens weigh the same. */
    public PpoResponse(double[] oldLogProbs, double[] advantages, double[] oldValues, double[] returns) {
        this(oldLogProbs, advantages, oldValues, returns, new double[0]);
    }

    /** The weight of a token in the policy's loss. */
    double importance(int token) {
        return importance.length == 0 ? 1 : importance[token];
    }

    /** The number of tokens. */
    public int tokens() {
        return oldLogProbs.length;
    }

    /** The number of positions with a value; 0 where there is no value model. */
    public int positions() {
        return oldValues.length;
    }
}
