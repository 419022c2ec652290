package io.github.rlhf4j;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.stage.Console;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The kernels of an engine: made when they are first needed, shared by all its runs and models, closed with it. */
final class EngineKernels implements AutoCloseable {
    private static final String ANYWHERE = "nd4j";

    private final Map<String, KernelsFactory> factories;
    private final String name;
    private final int threads;
    private final Console console;
    private @Nullable Kernels kernels;

    EngineKernels(Map<String, KernelsFactory> factories, String name, int threads, Console console) {
        if (!factories.containsKey(name)) {
            throw new UserError("kernels must be one of " + String.join(", ", new TreeSet<>(factories.keySet()))
                    + ", but is " + name);
        }
        if (threads < 0) {
            throw new UserError("threads must be >= 1, or 0 for one for each processor, but is " + threads);
        }
        this.factories = factories;
        this.name = name;
        this.threads = threads;
        this.console = console;
    }

    /** What makes them, with any number of threads: ND4J's where this JVM lacks the Vector API. */
    KernelsFactory factory() {
        KernelsFactory wanted = Objects.requireNonNull(factories.get(name));
        return wanted.isAvailable() ? wanted : Objects.requireNonNull(factories.get(ANYWHERE));
    }

    synchronized Kernels get() {
        Kernels made = kernels;
        if (made == null) {
            if (!Objects.requireNonNull(factories.get(name)).isAvailable()) {
                console.warning(
                        "this JVM has no jdk.incubator.vector module, so ND4J's operations are used, which are many times slower;"
                                + " start with ./rlhf4j, or add --add-modules jdk.incubator.vector");
            }
            made = factory().create(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
            kernels = made;
        }
        return made;
    }

    @Override
    public synchronized void close() {
        if (kernels instanceof AutoCloseable owner) {
            try {
                owner.close();
            } catch (Exception e) {
                throw new IllegalStateException("the kernels cannot be closed", e);
            }
        }
        kernels = null;
    }
}
