package io.github.rlhf4j.rollout;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * An exact number.
 *
 * @param numerator of any sign
 * @param denominator > 0
 */
record Fraction(BigInteger numerator, BigInteger denominator) {
    static final Fraction ZERO = of(BigDecimal.ZERO);
    private static final Fraction HUNDRED = of(BigDecimal.valueOf(100));

    static Fraction of(BigDecimal number) {
        return number.scale() >= 0
                ? new Fraction(number.unscaledValue(), BigInteger.TEN.pow(number.scale()))
                : new Fraction(number.toBigInteger(), BigInteger.ONE);
    }

    /** This by another; not by 0. */
    Fraction dividedBy(Fraction other) {
        BigInteger above = numerator.multiply(other.denominator);
        BigInteger below = denominator.multiply(other.numerator);
        return below.signum() < 0 ? new Fraction(above.negate(), below.negate()) : new Fraction(above, below);
    }

    Fraction plus(Fraction other) {
        return new Fraction(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    Fraction negated() {
        return new Fraction(numerator.negate(), denominator);
    }

    Fraction hundredth() {
        return dividedBy(HUNDRED);
    }

    boolean isZero() {
        return numerator.signum() == 0;
    }

    /** Whether they are equal, or differ by at most so large a share of {@code right}. */
    boolean isNear(Fraction right, double tolerance) {
        if (numerator.multiply(right.denominator).equals(right.numerator.multiply(denominator))) {
            return true;
        }
        BigDecimal difference = plus(right.negated()).decimal().abs();
        return tolerance > 0
                && difference.compareTo(right.decimal().abs().multiply(BigDecimal.valueOf(tolerance))) <= 0;
    }

    private BigDecimal decimal() {
        return new BigDecimal(numerator).divide(new BigDecimal(denominator), MathContext.DECIMAL128);
    }
}
