package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;

/** Criticises answers and revises them. */
interface Critic extends AutoCloseable {
    /**
     * What became of an answer.
     *
     * @param critique empty where there was none
     * @param draft with the new answer; the old one where the critic gave none
     */
    record Revision(String critique, Draft draft) {}

    /**
     * A revision of each.
     *
     * @param random of these drafts alone
     */
    List<Revision> revise(List<Draft> drafts, CounterRandom random);

    @Override
    void close();
}
