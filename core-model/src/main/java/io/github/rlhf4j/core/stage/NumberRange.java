package io.github.rlhf4j.core.stage;

/**
 * What numbers a key may have; infinite bounds are none, and no number is infinite.
 *
 * @param whole whether they are whole
 */
record NumberRange(double from, boolean fromIncluded, double to, boolean toIncluded, boolean whole) {
    static final NumberRange FINITE =
            new NumberRange(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false, false);
    static final NumberRange WHOLE =
            new NumberRange(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false, true);

    NumberRange from(double bound, boolean included) {
        return new NumberRange(bound, included, to, toIncluded, whole);
    }

    NumberRange to(double bound, boolean included) {
        return new NumberRange(from, fromIncluded, bound, included, whole);
    }

    boolean contains(double value) {
        return (value > from || fromIncluded && value == from) && (value < to || toIncluded && value == to);
    }

    /** Such as {@code in [0, 1)}, {@code finite and > 0}, {@code >= 1}. */
    String phrase() {
        boolean hasFrom = from != Double.NEGATIVE_INFINITY;
        boolean hasTo = to != Double.POSITIVE_INFINITY;
        if (hasFrom && hasTo) {
            return "in " + (fromIncluded ? "[" : "(") + text(from) + ", " + text(to) + (toIncluded ? "]" : ")");
        }
        String bound = hasFrom
                ? (fromIncluded ? ">= " : "> ") + text(from)
                : hasTo ? (toIncluded ? "<= " : "< ") + text(to) : "";
        if (whole) {
            return bound.isEmpty() ? "a whole number" : bound;
        }
        return bound.isEmpty() ? "finite" : "finite and " + bound;
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e9
                ? String.valueOf((long) bound)
                : String.valueOf(bound);
    }
}
