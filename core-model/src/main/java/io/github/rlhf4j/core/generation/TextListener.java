package io.github.rlhf4j.core.generation;

/** Told of text as it comes, in the thread that generates: for chats, and for progress. */
public interface TextListener {
    /** Hears nothing. */
    TextListener NONE = new TextListener() {};

    /** Some more text of a sample, never the middle of a character; the pieces of a sample, joined, are its text. */
    default void onText(int prompt, int sample, String piece) {}

    /** A sample has ended; its text has been given whole. */
    default void onFinished(GeneratedText generated) {}
}
