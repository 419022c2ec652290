package io.github.rlhf4j.core.stage;

import java.util.function.Supplier;

/** Progress with a rate and the time left; quiet unless it takes longer than two seconds. */
public interface Progress extends AutoCloseable {
    /** Shows nothing. */
    Progress NONE = new Progress() {
        @Override
        public void advance(long units) {}

        @Override
        public void close() {}
    };

    /** So many units of the total were done before this began; the rate is that of the others. */
    default void startAt(long done) {}

    /** So many more units are done. */
    void advance(long units);

    /**
     * As the other.
     *
     * @param numbers what to show beside, such as {@code loss 1.49}; asked for only when something is shown
     */
    default void advance(long units, Supplier<String> numbers) {
        advance(units);
    }

    /** A good moment for a line: where nothing is drawn over, one is written, at most one a second. */
    default void report() {}

    @Override
    void close();
}
