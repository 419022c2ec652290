package io.github.rlhf4j.dpo;

/** The mean loss of a batch of pairs and its derivatives by each response's summed policy log-probability. Immutable. */
public final class PreferenceGradient {
    private final double loss;
    private final double[] dChosen;
    private final double[] dRejected;

    /**
     * Copies its arguments.
     *
     * @param loss mean over the batch
     * @param dChosen d loss / d (log-probability of the chosen response), by pair
     * @param dRejected d loss / d (log-probability of the rejected response), by pair
     */
    public PreferenceGradient(double loss, double[] dChosen, double[] dRejected) {
        if (dChosen.length != dRejected.length) {
            throw new IllegalArgumentException(dChosen.length + " chosen but " + dRejected.length + " rejected");
        }
        this.loss = loss;
        this.dChosen = dChosen.clone();
        this.dRejected = dRejected.clone();
    }

    /** The mean loss over the batch. */
    public double loss() {
        return loss;
    }

    /** d loss / d (policy log-probability of the chosen response of pair {@code pair}). */
    public double dChosen(int pair) {
        return dChosen[pair];
    }

    /** d loss / d (policy log-probability of the rejected response of pair {@code pair}). */
    public double dRejected(int pair) {
        return dRejected[pair];
    }

    /** The number of pairs. */
    public int size() {
        return dChosen.length;
    }
}
