package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.EventFile;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code tensorboard}: an event file a stage with scalars, the texts of samples, and histograms of what samples have as numbers (scores, KL, ...) and of the lengths of responses. A stage's own event file,
 * which every run has, has its scalars alone.
 */
final class TensorBoardTracker implements Tracker {
    private static final ConfigKey<String> LOGGING_DIR = ConfigKey.text("logging_dir", "")
            .meaning(
                    "where the event files go, in a folder RUN/STAGE; empty: trackers/tensorboard/STAGE in the run's folder");
    private static final int TEXTS = 8; // of one step
    private static final String FILE = "events.out.tfevents.rlhf4j";

    private final Path folder;
    private @Nullable EventFile events;
    private long step;
    private int texts;
    private final Map<String, List<Double>> numbers = new LinkedHashMap<>(); // of the samples of the step

    private TensorBoardTracker(Path folder) {
        this.folder = folder;
    }

    /** Makes it. */
    static final class Factory implements TrackerFactory {
        @Override
        public List<ConfigKey<?>> keys() {
            return List.of(LOGGING_DIR);
        }

        @Override
        public Tracker open(TrackedRun run, GivenKeys given) {
            String place = given.get(LOGGING_DIR);
            return new TensorBoardTracker(
                    place.isEmpty() ? run.files().resolve("tensorboard") : Path.of(place, run.name()));
        }
    }

    @Override
    public void beginStage(TrackedStage stage, Iterable<StageRecord> kept) {
        close();
        Path file = folder.resolve(stage.name()).resolve(FILE);
        try {
            Files.createDirectories(folder.resolve(stage.name()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
        events = EventFile.open(file, 0, now());
        String config = stage.config().entrySet().stream()
                .map(entry -> "    " + entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining("\n"));
        events().text(now(), 0, "config", config);
        kept.forEach(record -> record(stage, record));
    }

    @Override
    public void record(TrackedStage stage, StageRecord record) {
        if (record.step() != step) {
            writeSamples();
            step = record.step();
        }
        if (record.kind() == StageRecord.Kind.METRICS) {
            events().write(now(), record.step(), record.numbers());
        } else {
            add(record);
        }
    }

    private void add(StageRecord sample) {
        sample.numbers().forEach(this::add);
        if (sample.values().get("response") instanceof String response) {
            add("response_characters", response.codePointCount(0, response.length()));
        }
        if (texts < TEXTS) {
            String text = sample.values().entrySet().stream()
                    .map(entry -> "**" + entry.getKey() + "**\n\n"
                            + String.valueOf(entry.getValue()).indent(4))
                    .collect(Collectors.joining("\n"));
            events().text(now(), sample.step(), "samples/" + texts, text);
            texts++;
        }
    }

    private void add(String name, double number) {
        if (Double.isFinite(number)) {
            numbers.computeIfAbsent(name, first -> new ArrayList<>()).add(number);
        }
    }

    /** What the samples of a step have in common, once it is over. */
    private void writeSamples() {
        numbers.forEach((name, values) -> events().histogram(
                        now(),
                        step,
                        "samples/" + name,
                        values.stream().mapToDouble(Double::doubleValue).toArray()));
        numbers.clear();
        texts = 0;
    }

    @Override
    public void endStage(TrackedStage stage, Map<String, Double> results) {
        writeSamples();
        Map<String, Double> named = new LinkedHashMap<>();
        results.forEach((name, value) -> named.put("results/" + name, value));
        events().write(now(), step, named);
        close();
    }

    @Override
    public void end(Outcome outcome) {
        close();
    }

    private EventFile events() {
        EventFile open = events;
        if (open == null) {
            throw new IllegalStateException("no stage has begun");
        }
        return open;
    }

    private void close() {
        if (events != null) {
            events.close();
        }
        events = null;
        numbers.clear();
        texts = 0;
        step = 0;
    }

    private static double now() {
        return System.currentTimeMillis() / 1000.0;
    }
}
