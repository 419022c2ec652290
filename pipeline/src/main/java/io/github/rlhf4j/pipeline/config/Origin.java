package io.github.rlhf4j.pipeline.config;

/**
 * Where a value was given, for messages and for the printed configuration.
 *
 * @param text such as {@code default}, {@code quickstart.yaml:7} or {@code command line}
 */
public record Origin(String text) {
    /** A stage's shipped defaults. */
    public static final Origin DEFAULT = new Origin("default");

    /** The command line. */
    public static final Origin COMMAND_LINE = new Origin("command line");

    /** A call of {@link io.github.rlhf4j.RunBuilder}. */
    public static final Origin JAVA = new Origin("set in Java");

    /** Derived by the program from the run's seed. */
    public static final Origin RUN_SEED = new Origin("from the run's seed");

    /** A line of a file, counted from 1. */
    static Origin line(String source, int line) {
        return new Origin(source + ":" + line);
    }

    @Override
    public String toString() {
        return text;
    }
}
