package io.github.rlhf4j.core.stage;

import java.nio.file.Path;

/** Where lines for the person who watches go; standard error in the command line, nothing in tests. */
public interface Console {
    /** Shows nothing. */
    Console SILENT = new Console() {
        @Override
        public void line(String line) {}

        @Override
        public void warning(String line) {}

        @Override
        public Progress progress(String what, long total, String unit) {
            return Progress.NONE;
        }
    };

    /** A line. */
    void line(String line);

    /** A warning. */
    void warning(String line);

    /** Progress of {@code total} units; see {@link Progress}. */
    Progress progress(String what, long total, String unit);

    /** Appends to {@code file} all lines from now on, and those so far that no file has. */
    default void logTo(Path file) {}
}
