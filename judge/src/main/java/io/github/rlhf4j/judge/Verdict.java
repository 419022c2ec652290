package io.github.rlhf4j.judge;

/**
 * What a judge says of two responses: the probability that the first of them is the better one, NaN for no verdict.
 *
 * @param shownFirst when the first one was shown first
 * @param shownSecond when it was shown second; NaN where that was not asked
 */
public record Verdict(double shownFirst, double shownSecond) {
    /** The mean of both orders, or the one there is; NaN where there is none. */
    public double probability() {
        if (Double.isNaN(shownFirst) || Double.isNaN(shownSecond)) {
            return Double.isNaN(shownFirst) ? shownSecond : shownFirst;
        }
        return (shownFirst + shownSecond) / 2;
    }

    /** Whether there is any. */
    public boolean isGiven() {
        return !Double.isNaN(probability());
    }

    /** Whether both orders were asked and answered. */
    public boolean isOfBothOrders() {
        return !Double.isNaN(shownFirst) && !Double.isNaN(shownSecond);
    }

    /** Of both orders: whether they prefer the same response, or none. */
    public boolean isConsistent() {
        return Math.signum(shownFirst - 0.5) == Math.signum(shownSecond - 0.5);
    }

    /** The same seen from the second response. */
    public Verdict swapped() {
        return new Verdict(1 - shownSecond, 1 - shownFirst);
    }
}
