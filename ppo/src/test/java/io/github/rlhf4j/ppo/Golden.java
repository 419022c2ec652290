package io.github.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Comparisons with numbers of another program. The fixtures are the repository's, or fresh ones in the folder that the property {@code golden} names, beside
 * which {@link #report} then writes the largest differences (tools/acceptance/parity.sh).
 */
final class Golden {
    private static final Optional<Path> FRESH =
            Optional.ofNullable(System.getProperty("golden")).map(Path::of);

    private final String name;
    private final double tolerance;
    private double largest;
    private String where = "";

    /** Absolute differences up to {@code tolerance}. */
    Golden(String name, double tolerance) {
        this.name = name;
        this.tolerance = tolerance;
    }

    static Path fixture(String file) {
        return FRESH.orElse(Path.of("src/test/resources/io/github/rlhf4j/ppo")).resolve(file);
    }

    void compare(String what, double ours, double theirs) {
        double difference = Math.abs(ours - theirs);
        if (difference > largest) {
            largest = difference;
            where = what;
        }
        assertThat(ours).as(what).isCloseTo(theirs, within(tolerance));
    }

    void compare(String what, double[] ours, double[] theirs) {
        assertThat(ours).as(what).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.length; i++) {
            compare(what, ours[i], theirs[i]);
        }
    }

    void report() throws IOException {
        if (FRESH.isPresent()) {
            String line = String.join("\t", name, Double.toString(largest), Double.toString(tolerance), where) + "\n";
            Files.writeString(
                    FRESH.get().resolve("differences.tsv"), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
