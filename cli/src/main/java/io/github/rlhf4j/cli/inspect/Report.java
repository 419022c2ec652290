package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is to be printed: lines with a name in front, and warnings. */
public final class Report {
    private static final double MEGA = 1e6;

    private final List<String> lines = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void line(String name, String value) {
        lines.add(String.format(Locale.ROOT, "%-14s %s", name, value));
    }

    void warning(String warning) {
        warnings.add(warning);
    }

    void warning(UserError mistake) {
        warnings.add(String.valueOf(mistake.getMessage()));
    }

    /** For standard output. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** A line each, for standard error. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.1f MB", bytes / MEGA);
    }
}
