package io.github.rlhf4j.lab.recurrent;

import org.nd4j.linalg.schedule.ISchedule;

/**
 * A learning rate that grows to its peak and stays there.
 *
 * @param peak the peak
 * @param steps until it is reached
 */
record Warmup(double peak, int steps) implements ISchedule {
    @Override
    public double valueAt(int iteration, int epoch) {
        return peak * Math.min(1, (iteration + 1.0) / Math.max(1, steps));
    }

    @Override
    @SuppressWarnings("MissingSuperCall")
    public ISchedule clone() {
        return this;
    }
}
