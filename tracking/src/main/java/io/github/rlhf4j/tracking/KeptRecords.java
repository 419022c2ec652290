package io.github.rlhf4j.tracking;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.tracking.StageRecord.Kind;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The first lines of a stage's metrics.jsonl and samples.jsonl, by step; within a step samples come first. Read from the files each time. */
final class KeptRecords implements Iterable<StageRecord> {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private final long metrics;
    private final long samples;

    /**
     * @param folder the stage's
     * @param metrics lines of metrics.jsonl
     * @param samples lines of samples.jsonl
     */
    KeptRecords(Path folder, long metrics, long samples) {
        this.folder = folder;
        this.metrics = metrics;
        this.samples = samples;
    }

    /** Lines of one of the files, whatever bytes are in them. */
    static long lines(Path folder, Kind kind) {
        Path file = file(folder, kind);
        if (!Files.isRegularFile(file)) {
            return 0;
        }
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file))) {
            long lines = 0;
            int before = '\n';
            for (int one = bytes.read(); one >= 0; one = bytes.read()) {
                lines += before == '\n' ? 1 : 0;
                before = one;
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Path file(Path folder, Kind kind) {
        return folder.resolve(kind == Kind.METRICS ? "metrics.jsonl" : "samples.jsonl");
    }

    @Override
    public Iterator<StageRecord> iterator() {
        return new Merged(new Lines(folder, Kind.METRICS, metrics), new Lines(folder, Kind.SAMPLE, samples));
    }

    /** One file, a line ahead. */
    private static final class Lines {
        private final Kind kind;
        private final Optional<BufferedReader> reader;
        private long left;
        private Optional<StageRecord> next = Optional.empty();

        Lines(Path folder, Kind kind, long lines) {
            this.kind = kind;
            this.left = lines;
            try {
                Path file = file(folder, kind);
                reader = lines > 0 ? Optional.of(Files.newBufferedReader(file)) : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + folder, e);
            }
            advance();
        }

        void advance() {
            next = Optional.empty();
            if (reader.isEmpty()) {
                return;
            }
            try {
                String line = left > 0 ? reader.get().readLine() : null;
                left--;
                if (line == null) {
                    reader.get().close();
                    return;
                }
                next = Optional.of(record(kind, line));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static StageRecord record(Kind kind, String line) throws IOException {
        Map<String, Object> values =
                new LinkedHashMap<>(MAPPER.readValue(line, new TypeReference<Map<String, Object>>() {}));
        Object step = values.remove("step");
        if (kind == Kind.METRICS) {
            values.replaceAll((name, value) -> value instanceof Number ? value : Double.valueOf(String.valueOf(value)));
        }
        return new StageRecord(kind, step instanceof Number number ? number.longValue() : 0, values);
    }

    /** Both files as one. */
    private record Merged(Lines metrics, Lines samples) implements Iterator<StageRecord> {
        @Override
        public boolean hasNext() {
            return metrics.next.isPresent() || samples.next.isPresent();
        }

        @Override
        public StageRecord next() {
            long ofMetrics = metrics.next.map(StageRecord::step).orElse(Long.MAX_VALUE);
            long ofSamples = samples.next.map(StageRecord::step).orElse(Long.MAX_VALUE);
            Lines first = ofSamples <= ofMetrics ? samples : metrics;
            StageRecord record = first.next.orElseThrow(NoSuchElementException::new);
            first.advance();
            return record;
        }
    }
}
