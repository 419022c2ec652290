package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import java.util.Optional;

/** What a forward pass reports, in arrays that are reused from pass to pass: entries by {@link PackedBatch#targetIndex} and {@link PackedBatch#scalarIndex}. */
public final class Outputs {
    private final LogitStatistics statistics = new LogitStatistics();
    private double[] scalars = {};
    private double routerLoss;
    private Optional<RouterStatistics> routers = Optional.empty();

    /** Statistics of the targets; the columns asked for are filled. */
    public LogitStatistics statistics() {
        return statistics;
    }

    /** The scalar head at the scalar rows; only the batch's first {@code scalars()} entries mean anything. */
    public double[] scalars() {
        return scalars;
    }

    /** Log-probabilities of the targets, nats. */
    public double[] logProbs() {
        return statistics.column(LogitStatistics.Column.LOG_PROB);
    }

    /** The routers' load-balancing loss, before its coefficient; 0 where it was not asked for. */
    public double routerLoss() {
        return routerLoss;
    }

    /** What the routers of a mixture of experts did in a pass that is kept for a backward pass. */
    public Optional<RouterStatistics> routers() {
        return routers;
    }

    void setRouters(double loss, Optional<RouterStatistics> statistics) {
        routerLoss = loss;
        routers = statistics;
    }

    void resizeScalars(int count) {
        if (scalars.length < count) {
            scalars = new double[Math.max(count, scalars.length * 3 / 2)];
        }
    }
}
