package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * {@code csv}: trackers/csv/&lt;stage&gt;.csv, a row a line of metrics.jsonl, a column a metric, {@code step} first: as spreadsheets, pandas and trackio's {@code import_csv} read it. A column that comes
 * later is empty in the rows before it.
 */
final class CsvTracker implements Tracker {
    private static final String SPECIAL = ".*[\",\r\n].*";

    private final Path folder;
    private final Set<String> columns = new LinkedHashSet<>();

    private CsvTracker(Path folder) {
        this.folder = folder;
    }

    /** Makes it. */
    static final class Factory implements TrackerFactory {
        @Override
        public Tracker open(TrackedRun run, GivenKeys given) {
            return new CsvTracker(run.files().resolve("csv"));
        }
    }

    @Override
    public void beginStage(TrackedStage stage, Iterable<StageRecord> kept) {
        columns.clear();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
        kept.forEach(this::addColumns);
        write(stage, kept);
    }

    @Override
    public void record(TrackedStage stage, StageRecord record) {
        if (record.kind() != StageRecord.Kind.METRICS) {
            return;
        }
        if (addColumns(record)) {
            long lines = KeptRecords.lines(stage.folder(), StageRecord.Kind.METRICS); // this one among them
            write(stage, new KeptRecords(stage.folder(), lines, 0));
            return;
        }
        try {
            Files.writeString(file(stage), row(record) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file(stage) + ": " + e.getMessage(), e);
        }
    }

    private boolean addColumns(StageRecord record) {
        return record.kind() == StageRecord.Kind.METRICS
                && columns.addAll(record.values().keySet());
    }

    private void write(TrackedStage stage, Iterable<StageRecord> records) {
        AtomicFiles.writeStream(file(stage), out -> {
            BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            writer.write(
                    "step" + columns.stream().map(name -> "," + quoted(name)).collect(Collectors.joining()) + "\n");
            for (StageRecord record : records) {
                if (record.kind() == StageRecord.Kind.METRICS) {
                    writer.write(row(record) + "\n");
                }
            }
            writer.flush();
        });
    }

    private Path file(TrackedStage stage) {
        return folder.resolve(stage.name() + ".csv");
    }

    private String row(StageRecord record) {
        Map<String, Double> numbers = record.numbers();
        return record.step()
                + columns.stream()
                        .map(name -> ","
                                + Optional.ofNullable(numbers.get(name))
                                        .map(CsvTracker::text)
                                        .orElse(""))
                        .collect(Collectors.joining());
    }

    private static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? String.valueOf((long) value)
                : String.valueOf(value);
    }

    private static String quoted(String name) {
        return name.matches(SPECIAL) ? '"' + name.replace("\"", "\"\"") + '"' : name;
    }

    @Override
    public void endStage(TrackedStage stage, Map<String, Double> results) {}

    @Override
    public void end(Outcome outcome) {}
}
