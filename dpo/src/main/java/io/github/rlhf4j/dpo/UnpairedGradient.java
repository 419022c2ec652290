package io.github.rlhf4j.dpo;

/** The mean loss of a batch of unpaired responses and its derivatives by each response's summed policy log-probability. Immutable. */
public final class UnpairedGradient {
    private final double loss;
    private final double[] dLogProbs;

    /**
     * Copies its arguments.
     *
     * @param loss mean over the batch
     * @param dLogProbs d loss / d (log-probability), by response
     */
    public UnpairedGradient(double loss, double[] dLogProbs) {
        this.loss = loss;
        this.dLogProbs = dLogProbs.clone();
    }

    /** The mean loss over the batch. */
    public double loss() {
        return loss;
    }

    /** d loss / d (policy log-probability of response {@code response}). */
    public double dLogProb(int response) {
        return dLogProbs[response];
    }

    /** The number of responses. */
    public int size() {
        return dLogProbs.length;
    }
}
