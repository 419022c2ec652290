package io.github.rlhf4j.core.stage;

import java.util.Optional;

/**
 * A {@link ConfigKey} for a number, which may have a range.
 *
 * @param <N> Double or Long
 */
public final class NumberKey<N extends Number> extends ConfigKey<N> {
    private final NumberRange range;

    NumberKey(String name, Class<N> type, Optional<N> defaultValue, NumberRange range) {
        super(name, type, defaultValue, value -> range.contains(value.doubleValue()), "must be " + range.phrase());
        this.range = range;
    }

    /** This, > {@code bound}. */
    public NumberKey<N> above(double bound) {
        return with(range.from(bound, false));
    }

    /** This, >= {@code bound}. */
    public NumberKey<N> atLeast(double bound) {
        return with(range.from(bound, true));
    }

    /** This, {@code < bound}. */
    public NumberKey<N> below(double bound) {
        return with(range.to(bound, false));
    }

    /** This, {@code <= bound}. */
    public NumberKey<N> atMost(double bound) {
        return with(range.to(bound, true));
    }

    private NumberKey<N> with(NumberRange other) {
        return new NumberKey<>(name(), type(), defaultValue(), other);
    }
}
