package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.pipeline.inspect.ModelInspection;
import io.github.rlhf4j.pipeline.inspect.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a model's directory or a dataset holds. */
@Command(name = "inspect", description = "Show what a model's directory or a dataset holds.", sortOptions = false)
final class InspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            paramLabel = "DIR|FILE",
            description = "A model's directory; a data file, a folder or a glob of them; or synthetic:<part>.")
    private String what = "";

    @Option(
            names = {"--model", "--tokenizer"},
            paramLabel = "DIR",
            description =
                    "Of a dataset: count tokens as this model's folder has them, and show the first row with its mask.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "TYPE",
            description = "Of a dataset: its type, where the columns do not tell.")
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

    @Option(names = "--limit", paramLabel = "N", description = "Of a dataset: read its first N rows.")
    private long limit = DatasetSpec.NO_LIMIT;

    @Option(names = "--seed", paramLabel = "N", description = "Of a dataset that is made up: the run's seed.")
    private long seed;

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (Files.isRegularFile(Path.of(what, "config.json"))) {
            inspectModel(Path.of(what));
        } else {
            DatasetSpec spec = new DatasetSpec(what, format, SplitSpec.ALL, limit, columns)
                    .withSeparator(separator.replace("\\n", "\n").replace("\\t", "\t"));
            new DataInspection(terminal).print(spec, model, seed);
        }
        return 0;
    }

    private void inspectModel(Path directory) {
        Report report = ModelInspection.of(directory);
        report.lines().forEach(terminal.out()::println);
        report.warnings().forEach(terminal::warning);
    }
}
