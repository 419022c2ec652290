package io.github.rlhf4j.ppo;

/** How the losses of tokens become the loss of a mini-batch. */
public enum Aggregation {
    /** The mean over all tokens of the mini-batch: long responses weigh more. */
    TOKEN {
        @Override
        double weight(long batchTokens, int batchResponses, int responseTokens) {
            return 1.0 / batchTokens;
        }
    },
    /** The mean over responses of the mean over their tokens. */
    SEQUENCE {
        @Override
        double weight(long batchTokens, int batchResponses, int responseTokens) {
            return 1.0 / batchResponses / responseTokens;
        }
    };

    /**
     * The weight of each token of a response.
     *
     * @param batchTokens tokens of the whole mini-batch, however it is cut
     * @param batchResponses responses of the whole mini-batch
     * @param responseTokens tokens of this response
     */
    abstract double weight(long batchTokens, int batchResponses, int responseTokens);
}
