package io.github.rlhf4j.plan;

/**
 * What workers that train one model together exchange, each holding all of it:
 *
 * <pre>
 *   S = 4 bytes x parameters (float32 gradients)
 *   ring all-reduce          2 (N - 1) / N x S a worker
 *   driver and broadcast     (N + 1) S through the driver's line: N gradients come, weights go out once in a torrent
 *   every H steps            either of them / H a step (local SGD, DiLoCo: Douillard et al. 2023, arXiv:2311.08105)
 *   communication / compute  = F / (B T) x (4/3) (N - 1) / N x total / active, ring
 * </pre>
 *
 * <p>F operations a second and B bytes a second of a worker, T its tokens between two exchanges; 6 operations a parameter and token.
 *
 * @param parameters all
 * @param active those that a token meets
 * @param tokens of a worker in a step
 */
record Communication(long parameters, long active, double tokens, PlanOptions.Network network) {
    private static final int FLOAT = 4;

    private double bytesPerSecond() {
        return network.bitsPerSecond() / 8;
    }

    double gradientBytes() {
        return (double) FLOAT * parameters;
    }

    /** Bytes that a worker sends in an all-reduce around a ring. */
    double ringBytes() {
        return 2.0 * (network.workers() - 1) / network.workers() * gradientBytes();
    }

    /** Bytes through the driver's line. */
    double driverBytes() {
        return (network.workers() + 1) * gradientBytes();
    }

    /** Seconds a step, of exchanges every so many. */
    double ringSeconds() {
        return ringBytes() / bytesPerSecond() / network.every();
    }

    double driverSeconds() {
        return driverBytes() / bytesPerSecond() / network.every();
    }

    /** Seconds a step of a worker that computes so many operations a second. */
    double computeSeconds(double flops) {
        return 6.0 * active * tokens / flops;
    }

    /** Communication beside compute, of the ring. */
    double ratio(double flops) {
        return ringSeconds() / computeSeconds(flops);
    }

    /** The share of the time that a worker computes, where communication and compute follow each other. */
    double efficiency(double flops) {
        return 1 / (1 + ratio(flops));
    }

    /** The same through the driver, as replicas of stage sft exchange. */
    double driverEfficiency(double flops) {
        return 1 / (1 + driverSeconds() / computeSeconds(flops));
    }

    /** How many times the tokens of one worker all do in a second, through the driver. */
    double speedUp(double flops) {
        return network.workers() * driverEfficiency(flops);
    }

    /** Tokens of a worker between two exchanges with which it computes that share of the time. */
    double tokensFor(double share, double flops) {
        return ratio(flops) * tokens * network.every() * share / (1 - share);
    }
}
