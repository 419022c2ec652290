package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.List;
import java.util.ServiceLoader;

/** Makes an objective and its rows again of what {@link TravellingObjective#pack} gave; found by {@link ServiceLoader}. */
public interface ObjectiveReader {
    /** Unique among all readers. */
    String name();

    /** What was packed. */
    Unpacked<?> unpack(byte[] packed);

    /**
     * An objective with rows.
     *
     * @param <E> the type of a row
     */
    record Unpacked<E>(TravellingObjective<E> objective, List<E> rows) {
        /** All rows, of an objective that was made for their step. */
        WeightedObjective<E> term() {
            return WeightedObjective.of(rows, objective.objective());
        }
    }
}
