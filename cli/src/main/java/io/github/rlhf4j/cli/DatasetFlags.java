package io.github.rlhf4j.cli;

import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.SplitSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a dataset is read, on the command line. */
final class DatasetFlags {
    @Option(
            names = "--format",
            paramLabel = "TYPE",
            description = "Of a dataset: its type, if the columns do not tell.")
    private String format = "";

    @Option(
            names = "--columns",
            paramLabel = "OURS=THEIRS",
            split = ",",
            description = "Of a dataset: names of its columns, as prompt=question.")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(
            names = "--separator",
            paramLabel = "TEXT",
            description = "Of raw text: what is between two documents; \\\\n is a line feed. Without it a file is one.")
    private String separator = "";

    @Option(names = "--limit", paramLabel = "N", description = "Of a dataset: only its first N rows.")
    private Optional<Long> limit = Optional.empty();

    DatasetSpec spec(String what) {
        return new DatasetSpec(what, format, SplitSpec.ALL, limit.orElse(DatasetSpec.NO_LIMIT), columns)
                .withSeparator(separator.replace("\\n", "\n").replace("\\t", "\t"));
    }

    boolean hasLimit() {
        return limit.isPresent();
    }

    boolean isGiven() {
        return limit.isPresent() || !format.isEmpty() || !columns.isEmpty() || !separator.isEmpty();
    }
}
