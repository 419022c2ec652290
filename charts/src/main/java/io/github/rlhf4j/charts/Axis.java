package io.github.rlhf4j.charts;

import java.util.ArrayList;
import java.util.List;

/**
 * A scale with round ticks.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}, greater than low
 * @param from position in pixels
 * @param to position in pixels
 * @param isLog whether equal ratios have equal lengths; low is positive then
 */
public record Axis(double low, double high, double from, double to, boolean isLog) {
    private static final double ROUNDING = 1e-9; // relative: values no further apart are one
    private static final double ROOM = 0.06;
    private static final double[] STEPS = {1, 2, 5};

    /** A linear scale. */
    public Axis(double low, double high, double from, double to) {
        this(low, high, from, to, false);
    }

    /** A linear scale that holds all values, a little wider than they are where {@code room} is set. */
    public static Axis around(double lowest, double highest, boolean room, double from, double to) {
        double width = highest - lowest;
        if (!(width > ROUNDING * Math.max(Math.abs(lowest), Math.abs(highest)))) {
            width = Math.max(Math.abs(highest), 1) * 0.1;
            return new Axis(lowest - width, highest + width, from, to);
        }
        double margin = room ? width * ROOM : 0;
        return new Axis(lowest - margin, highest + margin, from, to);
    }

    /** A logarithmic scale that holds all values, which are positive, and is a little wider. */
    public static Axis logAround(double lowest, double highest, double from, double to) {
        double ratio = highest / lowest;
        double room = ratio > 1 + ROUNDING ? Math.pow(ratio, ROOM) : 2;
        return new Axis(lowest / room, highest * room, from, to, true);
    }

    /** The position of a value. */
    public double at(double value) {
        double share = isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
        return from + share * (to - from);
    }

    /** Round values inside, about so many. */
    public List<Double> ticks(int about) {
        return isLog ? logTicks(about) : linearTicks(about);
    }

    private List<Double> linearTicks(int about) {
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

    /** Powers of ten, each so many-th where there are many; with 2 and 5 between them where there are few; as of a linear scale within less than a decade. */
    private List<Double> logTicks(int about) {
        double decades = Math.log10(high / low);
        if (decades < 1) {
            List<Double> ticks = linearTicks(about);
            ticks.removeIf(tick -> tick <= 0);
            return ticks;
        }
        int every = Math.max(1, (int) Math.ceil(decades / about));
        int parts = decades * 3 <= about + 2 ? 3 : 1;
        List<Double> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
            for (int part = 0; part < parts && power % every == 0; part++) {
                double tick = round(STEPS[part], power);
                if (tick >= low * (1 - ROUNDING) && tick <= high * (1 + ROUNDING)) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    private static double round(double digit, int power) { // 1e-5, not 9.999e-6
        return Double.parseDouble(digit + "e" + power);
    }
}
