package io.github.rlhf4j.cli.verify;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.util.Locale;
import java.util.function.Consumer;

/** Runs checks, a line each, and counts those that do not hold. */
public final class Verification {
    private final Consumer<String> lines;
    private int checks;
    private int failures;

    /** @param lines takes a line for each check */
    public Verification(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Finds something out, and says what. */
    @FunctionalInterface
    public interface Check {
        /** @return what was found, for the line */
        Outcome run() throws IOException;
    }

    /**
     * What a check found.
     *
     * @param holds whether it is as it must be
     * @param detail what was measured
     */
    public record Outcome(boolean holds, String detail) {
        /** A number that must be no larger than a limit; NaN is. */
        static Outcome atMost(double limit, double value, String what) {
            return new Outcome(
                    value <= limit, String.format(Locale.ROOT, "%s %.2g (at most %.0e)", what, value, limit));
        }
    }

    /** Runs a check; a failure of the program in it is a check that does not hold. */
    public void check(String name, Check check) {
        Outcome outcome;
        try {
            outcome = check.run();
        } catch (UserError | IOException | IllegalStateException | IllegalArgumentException e) {
            outcome = new Outcome(false, String.valueOf(e.getMessage()));
        }
        checks++;
        failures += outcome.holds() ? 0 : 1;
        lines.accept("%s  %-44s %s".formatted(outcome.holds() ? "ok  " : "FAIL", name, outcome.detail()));
    }

    /** How many checks ran. */
    public int checks() {
        return checks;
    }

    /** How many did not hold. */
    public int failures() {
        return failures;
    }
}
