package io.github.rlhf4j.web.runs;

import java.util.Arrays;

/**
 * A line to draw: points by ascending x.
 *
 * @param x steps, tokens or seconds
 */
@SuppressWarnings("ArrayRecordComponent")
record Points(double[] x, float[] y) {
    /** How many. */
    int size() {
        return x.length;
    }

    /** The same values at other places; points whose place is unknown are left out. */
    Points at(Axis axis) {
        double[] places = new double[x.length];
        float[] values = new float[x.length];
        int kept = 0;
        for (int i = 0; i < x.length; i++) {
            double place = axis.of(x[i]);
            if (!Double.isNaN(place)) {
                places[kept] = place;
                values[kept++] = y[i];
            }
        }
        return new Points(Arrays.copyOf(places, kept), Arrays.copyOf(values, kept));
    }

    /**
     * The exponential moving average, begun without a bias as TensorBoard does.
     *
     * @param weight of what was before, at least 0 and less than 1
     */
    Points smoothed(double weight) {
        float[] smooth = new float[y.length];
        double sum = 0;
        double power = 1;
        for (int i = 0; i < y.length; i++) {
            sum = weight * sum + (1 - weight) * y[i];
            power *= weight;
            smooth[i] = (float) (sum / (1 - power));
        }
        return new Points(x, smooth);
    }

    /**
     * What a picture of so many columns shows: of the points in each column that with the least and that with the largest value, in their order, so that no peak is lost. Points outside are left out, but for one on
     * each side, to which lines lead.
     */
    Points decimated(double from, double to, int columns) {
        int first = Math.max(0, lower(from) - 1);
        int last = Math.min(x.length, upper(to) + 1);
        if (last - first <= 2 * columns) {
            return new Points(Arrays.copyOfRange(x, first, last), Arrays.copyOfRange(y, first, last));
        }
        double[] places = new double[2 * columns + 2];
        float[] values = new float[2 * columns + 2];
        int kept = 0;
        double begin = x[first];
        double width = (x[last - 1] - begin) / columns;
        for (int i = first; i < last; ) {
            int column = column(x[i], begin, width, columns);
            int least = i;
            int most = i;
            int next = i + 1;
            for (; next < last && column(x[next], begin, width, columns) == column; next++) {
                least = y[next] < y[least] ? next : least;
                most = y[next] > y[most] ? next : most;
            }
            places[kept] = x[Math.min(least, most)];
            values[kept++] = y[Math.min(least, most)];
            if (least != most) {
                places[kept] = x[Math.max(least, most)];
                values[kept++] = y[Math.max(least, most)];
            }
            i = next;
        }
        return new Points(Arrays.copyOf(places, kept), Arrays.copyOf(values, kept));
    }

    private static int column(double place, double begin, double width, int columns) {
        return width > 0 ? (int) Math.min(columns - 1, (place - begin) / width) : 0;
    }

    /** The first index whose x is at least {@code place}. */
    private int lower(double place) {
        int low = 0;
        int high = x.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (x[middle] < place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The first index whose x is more than {@code place}. */
    private int upper(double place) {
        int low = 0;
        int high = x.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (x[middle] <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Where a step is on the x axis. */
    interface Axis {
        /** The place; NaN where it is not known. */
        double of(double step);

        /** Steps themselves. */
        static Axis steps() {
            return step -> step;
        }

        /** By the points of another metric, of a step without one the last one before it. */
        static Axis of(Points known) {
            return step -> {
                int at = known.upper(step) - 1;
                return at < 0 ? Double.NaN : known.y()[at];
            };
        }
    }
}
