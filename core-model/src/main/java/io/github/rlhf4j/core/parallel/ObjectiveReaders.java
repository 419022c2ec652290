package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.wire.WireReader;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/** The readers of objectives on the class path. */
final class ObjectiveReaders {
    private static final Map<String, ObjectiveReader> ALL = new HashMap<>();

    static {
        for (ObjectiveReader reader :
                ServiceLoader.load(ObjectiveReader.class, ObjectiveReader.class.getClassLoader())) {
            ALL.putIfAbsent(reader.name(), reader);
        }
    }

    private ObjectiveReaders() {}

    /**
     * What an objective of that name wrote.
     *
     * @throws IllegalStateException where the class path has no reader of it
     */
    static ObjectiveReader.WithRows<?> read(String name, byte[] written) {
        ObjectiveReader reader = ALL.get(name);
        if (reader == null) {
            throw new IllegalStateException("no reader of the objective " + name + " is on the class path");
        }
        WireReader in = new WireReader(written);
        ObjectiveReader.WithRows<?> read = reader.read(in);
        in.end();
        return read;
    }
}
