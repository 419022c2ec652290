package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.Objective;
import java.util.List;

/**
 * An objective that can be computed elsewhere: with its settings and some rows as bytes, which the {@link ObjectiveReader} of the same name understands.
 *
 * @param <E> the type of a row
 */
public interface TravellingObjective<E> {
    /** The name of the reader. */
    String name();

    /** What is minimised. */
    Objective<E> objective();

    /** Settings and rows. */
    byte[] pack(List<E> rows);
}
