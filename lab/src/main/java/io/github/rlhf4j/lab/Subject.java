package io.github.rlhf4j.lab;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StopRequest;
import io.github.rlhf4j.core.stage.StoppedException;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A run that is measured, and what was measured of it. */
public final class Subject {
    private final Rlhf4j engine;
    private final Optional<Run> run;
    private final long seed;
    private final Map<String, Object> values;
    private final Settings settings;
    private final StopRequest stop;
    private final Console console;
    private final List<Observation> observations = new ArrayList<>();

    Subject(
            Rlhf4j engine,
            Optional<Run> run,
            long seed,
            Map<String, Object> values,
            Settings settings,
            StopRequest stop,
            Console console) {
        this.engine = engine;
        this.run = run;
        this.seed = seed;
        this.values = values;
        this.settings = settings;
        this.stop = stop;
        this.console = console;
    }

    /** For anything that the methods here do not do. */
    public Rlhf4j engine() {
        return engine;
    }

    /** The run. */
    public Run run() {
        return run.orElseThrow(() -> new IllegalStateException("this page has no run file"));
    }

    /** Its seed. */
    public long seed() {
        return seed;
    }

    /** What was varied, with the seed. */
    public Map<String, Object> values() {
        return values;
    }

    /** The measure's own settings. */
    public Settings settings() {
        return settings;
    }

    /** The language model of a stage; the caller closes it. */
    public LanguageModel model(String stage) {
        checkStop();
        return run().stage(stage).model();
    }

    /** The rows of a dataset with this run's seed, such as {@code synthetic:questions}, with all of their columns. */
    public <T extends DataRecord> List<T> rows(String dataset, Class<T> kind) {
        RecordSet<T> records = engine.datasets().open(DatasetSpec.of(dataset).keeping(KeptColumns.ALL), kind, seed);
        return LongStream.range(0, records.size()).mapToObj(records::get).toList();
    }

    /** Ends the program here where somebody asked for it; what was measured of other runs is kept. */
    public void checkStop() {
        if (stop.isRequested()) {
            throw new StoppedException("stopped; continue with --resume");
        }
    }

    /** How far something is that takes longer than some seconds, with its rate and the time left; to be closed. */
    public Progress progress(String what, long total, String unit) {
        return console.progress(what, total, unit);
    }

    /** Adds what was measured. Names are sorted: the order of {@link Map#of} is another in every process. */
    public void add(Map<String, ?> more, Map<String, Double> metrics) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.putAll(new TreeMap<>(more));
        observations.add(new Observation(all, new TreeMap<>(metrics)));
    }

    List<Observation> observations() {
        return observations;
    }
}
