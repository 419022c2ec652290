package io.github.rlhf4j.charts;

/**
 * A measured value.
 *
 * @param low lower end of its interval; y where there is none
 * @param high upper end of its interval; y where there is none
 */
public record Point(double x, double y, double low, double high) {
    /** A value without an interval. */
    public static Point of(double x, double y) {
        return new Point(x, y, y, y);
    }

    /**
     * A value with its interval.
     *
     * @param error half of the interval's width; one that is not finite counts as none
     */
    public static Point of(double x, double y, double error) {
        return Double.isFinite(error) ? new Point(x, y, y - error, y + error) : of(x, y);
    }

    boolean hasInterval() {
        return high > low;
    }

    boolean isFinite() {
        return Double.isFinite(x) && Double.isFinite(y) && Double.isFinite(low) && Double.isFinite(high);
    }
}
