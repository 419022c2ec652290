package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.LogitStatistics;

/** What a forward pass reports, in arrays that are reused from pass to pass: entries by {@link PackedBatch#targetIndex} and {@link PackedBatch#readIndex}. */
public final class Outputs {
    private final LogitStatistics statistics = new LogitStatistics();
    private double[] reads = {};
    private double routerLoss;

    /** Statistics of the targets; the columns asked for are filled. */
    public LogitStatistics statistics() {
        return statistics;
    }

    /** The scalar head at the read rows; only the batch's first {@code reads()} entries mean anything. */
    public double[] reads() {
        return reads;
    }

    /** Log-probabilities of the targets, nats. */
    public double[] logProbs() {
        return statistics.column(LogitStatistics.Column.LOG_PROB);
    }

    /** The routers' load-balancing loss, before its coefficient; 0 where it was not asked for. */
    public double routerLoss() {
        return routerLoss;
    }

    void setRouterLoss(double loss) {
        routerLoss = loss;
    }

    void resizeReads(int count) {
        if (reads.length < count) {
            reads = new double[Math.max(count, reads.length * 3 / 2)];
        }
    }
}
