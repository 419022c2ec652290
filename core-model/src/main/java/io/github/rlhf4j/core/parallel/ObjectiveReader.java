package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.core.wire.WireReader;
import java.util.List;
import java.util.ServiceLoader;

/** Makes an objective and its rows again of what {@link TravellingObjective#write} wrote; found by {@link ServiceLoader}. */
public interface ObjectiveReader {
    /** Unique among all readers. */
    String name();

    /** What was written. */
    WithRows<?> read(WireReader in);

    /**
     * An objective with rows.
     *
     * @param <E> the type of a row
     */
    record WithRows<E>(TravellingObjective<E> objective, List<E> rows) {
        /** All rows, of an objective that was made for their step. */
        WeightedObjective<E> term() {
            return WeightedObjective.of(rows, objective.objective());
        }
    }
}
