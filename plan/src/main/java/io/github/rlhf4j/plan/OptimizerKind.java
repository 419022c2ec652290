package io.github.rlhf4j.plan;

/** What is kept of each trained parameter between steps. */
public enum OptimizerKind {
    /** Two moments. */
    ADAMW,
    /** Two moments of a byte each (Dettmers et al. 2021, arXiv:2110.02861). */
    ADAMW_8BIT,
    /** Nothing. */
    SGD;

    int bytes(Precision precision) {
        return switch (this) {
            case ADAMW -> 2 * precision.momentBytes();
            case ADAMW_8BIT -> 2;
            case SGD -> 0;
        };
    }
}
