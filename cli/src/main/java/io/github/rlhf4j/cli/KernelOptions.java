package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.stage.Console;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Chooses the kernels, on the command line. */
final class KernelOptions {
    private static final String VARIABLE = "RLHF4J_KERNELS";
    private static final String FAST = "cpu";
    private static final String ANYWHERE = "nd4j";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Worker threads; 0, the default: one for each processor. Results do not depend on it.")
    private int threads;

    @Option(
            names = "--kernels",
            paramLabel = "NAME",
            description = "What computes: cpu, the default, or nd4j; or the environment variable " + VARIABLE + ".")
    private Optional<String> name = Optional.empty();

    /** Makes the kernels that were asked for, or ND4J's with a line that says so where this JVM lacks the Vector API. */
    Kernels kernels(Assembly assembly, Console console) {
        if (threads < 0) {
            throw new UserError("--threads must be >= 1, or 0 for one for each processor, but is " + threads);
        }
        KernelsFactory factory = wanted(assembly);
        if (!factory.isAvailable()) {
            console.warning(
                    "this JVM has no jdk.incubator.vector module, so ND4J's operations serve, which are many times slower;"
                            + " start with ./rlhf4j, or add --add-modules jdk.incubator.vector");
        }
        factory = factory(assembly);
        return factory.create(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }

    /** What makes them, with any number of threads. */
    KernelsFactory factory(Assembly assembly) {
        KernelsFactory factory = wanted(assembly);
        return factory.isAvailable()
                ? factory
                : Objects.requireNonNull(assembly.kernels().get(ANYWHERE));
    }

    private KernelsFactory wanted(Assembly assembly) {
        String variable = Objects.requireNonNullElse(System.getenv(VARIABLE), FAST);
        Map<String, KernelsFactory> factories = assembly.kernels();
        String wanted = name.orElse(variable);
        KernelsFactory factory = factories.get(wanted);
        if (factory == null) {
            throw new UserError((name.isPresent() ? "--kernels" : VARIABLE) + " must be one of "
                    + String.join(", ", new TreeSet<>(factories.keySet())) + ", but is " + wanted);
        }
        return factory;
    }
}
