package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireWriter;
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

    /** Writes its settings and some rows, or none. */
    void write(List<E> rows, WireWriter out);

    /**
     * What is minimised in one step, of an objective that depends on the model as it is before the step; others are the same in all steps.
     *
     * @param rows of the whole step, or of the replica's
     * @param trainer of the model, whose state stays as it is
     */
    default TravellingObjective<E> ofStep(List<E> rows, ModelTrainer trainer) {
        return this;
    }
}
