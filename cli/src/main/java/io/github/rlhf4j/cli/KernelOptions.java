package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.Console;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Chooses the kernels, on the command line. */
final class KernelOptions {
    private static final String VARIABLE = "RLHF4J_KERNELS";
    private static final String FAST = "cpu";

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

    /** An engine that computes as was asked for. */
    Rlhf4j engine(Console console) {
        return engine(console, 0);
    }

    /**
     * The same, as one of several.
     *
     * @param share of the processors where the number of threads was not given; 0: all
     */
    Rlhf4j engine(Console console, int share) {
        String variable = Objects.requireNonNullElse(System.getenv(VARIABLE), FAST);
        Rlhf4j.Builder builder =
                Engine.builder(console).kernels(name.orElse(variable)).threads(threads != 0 ? threads : share);
        try {
            return builder.build();
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            boolean isOfVariable = message.startsWith("kernels ") && name.isEmpty();
            throw new UserError(isOfVariable ? VARIABLE + message.substring("kernels".length()) : "--" + message, e);
        }
    }
}
