package io.github.rlhf4j.core.optim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** The rows of optimiser.tsv. */
final class OptimiserGolden {
    private OptimiserGolden() {}

    static List<List<String>> rows(String kind) {
        try (InputStream in = Objects.requireNonNull(OptimiserGolden.class.getResourceAsStream("optimiser.tsv"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(kind + "\t"))
                    .map(line -> List.of(line.split("\t", -1)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
