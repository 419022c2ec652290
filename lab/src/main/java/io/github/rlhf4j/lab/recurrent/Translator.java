package io.github.rlhf4j.lab.recurrent;

import java.util.List;

/** A model that learns to translate from pairs of sentences. Not thread-safe; owns native memory until {@link #close}. */
public interface Translator extends AutoCloseable {
    /** All weights. */
    long parameters();

    /**
     * One optimiser step.
     *
     * @return the mean loss of the target tokens, nats
     */
    double train(List<TokenPair> batch);

    /**
     * The most likely next word, again and again, until END.
     *
     * @param mostWords of a translation
     * @return for each source its translation without END
     */
    List<int[]> translate(List<int[]> sources, int mostWords);

    /** Floating-point operations of a forward pass over a pair. */
    long forwardFlops(int sourceWords, int targetWords);

    @Override
    void close();

    /** Floating-point operations of a training step over pairs: the backward pass takes twice what the forward pass does (Kaplan et al. 2020, section 2.1). */
    default long trainingFlops(List<TokenPair> batch) {
        return 3
                * batch.stream()
                        .mapToLong(pair -> forwardFlops(pair.source().length, pair.target().length + 1))
                        .sum();
    }
}
