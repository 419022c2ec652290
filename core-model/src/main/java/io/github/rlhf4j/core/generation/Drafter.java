package io.github.rlhf4j.core.generation;

/** Guesses the next tokens of texts. */
@FunctionalInterface
interface Drafter extends AutoCloseable {
    /** A text on its way. */
    interface Text {
        /** Tokens of the prompt and those chosen. */
        int known();

        /** Some of its tokens. */
        int[] tokens(int from, int to);

        /** The draw that a token depends on, {@code ahead} places after the next. */
        double draw(int ahead);

        SamplingOptions options();
    }

    /** At most so many, which may be none. */
    int[] guess(Text text, int most);

    /** A text has its last token. */
    default void forget(Text text) {}

    @Override
    default void close() {}
}
