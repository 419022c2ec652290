package io.github.rlhf4j.pipeline.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear scale with round ticks.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}, greater than low
 * @param from position in pixels
 * @param to position in pixels
 */
record Axis(double low, double high, double from, double to) {
    private static final double ROUNDING = 1e-9; // relative: values no further apart are one

    /** A scale that holds all values, a little wider than they are where {@code room} is set. */
    static Axis around(double lowest, double highest, boolean room, double from, double to) {
        double width = highest - lowest;
        if (!(width > ROUNDING * Math.max(Math.abs(lowest), Math.abs(highest)))) {
            width = Math.max(Math.abs(highest), 1) * 0.1;
            return new Axis(lowest - width, highest + width, from, to);
        }
        double margin = room ? width * 0.06 : 0;
        return new Axis(lowest - margin, highest + margin, from, to);
    }

    double at(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    /** Round values inside, about so many. */
    List<Double> ticks(int about) {
        double raw = (high - low) / about;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double unit = raw / power;
        double step = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
        List<Double> ticks = new ArrayList<>();
        for (double index = Math.ceil(low / step); index * step <= high + step * 1e-9; index++) {
            ticks.add(index * step);
        }
        return ticks;
    }
}
