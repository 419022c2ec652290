package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;

/** A language model that is trained on texts and asked which of some tokens comes next. Not thread-safe; owns native memory until {@link #close}. */
public interface TextModel extends AutoCloseable {
    /** All weights. */
    long parameters();

    /**
     * One optimiser step on the targets of the texts.
     *
     * @return the mean loss of the targets, nats
     */
    double train(List<TokenSequence> texts);

    /**
     * The most likely of {@code choices} after each prompt.
     *
     * @return an index of {@code choices} for each prompt
     */
    int[] choose(List<int[]> prompts, int[] choices);

    @Override
    void close();
}
