package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.train.Objective;
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
    record Unpacked<E>(Objective<E> objective, List<E> rows) {}

    /**
     * The reader of that name.
     *
     * @throws IllegalStateException where the class path has none
     */
    static ObjectiveReader of(String name) {
        for (ObjectiveReader reader :
                ServiceLoader.load(ObjectiveReader.class, ObjectiveReader.class.getClassLoader())) {
            if (reader.name().equals(name)) {
                return reader;
            }
        }
        throw new IllegalStateException("no reader of the objective " + name + " is on the class path");
    }
}
