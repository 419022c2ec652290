package io.github.rlhf4j.core.generation;

/** Told of tokens and of finished sequences as they come, in the thread that generates. */
public interface GenerationListener {
    /** Hears nothing. */
    GenerationListener NONE = new GenerationListener() {};

    /** Token {@code index} of a sample has been chosen; those of one sample come in order. */
    default void onToken(int request, int sample, int index, int id) {}

    /** A sample has ended. */
    default void onFinished(Generated generated) {}
}
