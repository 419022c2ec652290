package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.train.Progress;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: a dataset, such as a part of the synthetic world, as JSONL. */
@Command(
        name = "export",
        description = "Write a dataset, such as synthetic:demonstrations, as JSONL.",
        sortOptions = false)
final class ExportCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "DATASET", description = "synthetic:<part>, or a file that shall be normalised.")
    private String dataset = "";

    @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "Where to.")
    private Path out = Path.of("");

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N rows.")
    private Optional<Long> limit = Optional.empty();

    @Option(
            names = "--seed",
            defaultValue = "0",
            description = "Of the synthetic world (${DEFAULT-VALUE}): a run's seed.")
    private long seed;

    ExportCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        DatasetSpec spec = DatasetSpec.of(dataset);
        spec = limit.isPresent() ? spec.withLimit(limit.get()) : spec;
        try (RecordSet<DataRecord> rows = Assembly.create().datasets().open(spec, List.of(RecordKind.values()), seed);
                Progress progress = terminal.progress("export", rows.size(), "rows")) {
            AtomicFiles.writeStream(out, stream -> {
                for (DataRecord row : rows) {
                    stream.write((RecordJson.toLine(row) + "\n").getBytes(StandardCharsets.UTF_8));
                    progress.advance(1);
                }
            });
            rows.dropReport().lines(dataset).forEach(terminal::warning);
            terminal.line(rows.size() + " rows of format " + rows.kind().configName() + " written to " + out);
        }
        return 0;
    }
}
