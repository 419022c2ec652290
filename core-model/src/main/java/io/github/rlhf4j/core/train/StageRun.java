package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stage's surroundings on the disk: metrics.jsonl, the same as TensorBoard events, timing.jsonl, samples.jsonl and checkpoints in its folder. Every file that a resumed run must repeat is cut back to the checkpoint it goes on from.
 */
public final class StageRun implements StageContext, AutoCloseable {
    private static final String EVENTS = "events.out.tfevents.rlhf4j";

    private final Setting setting;
    private final Checkpoints checkpoints;
    private final Map<String, Stateful> registered = new LinkedHashMap<>();
    private final Map<String, Object> summary = new LinkedHashMap<>();
    private final Map<String, Object> summaryTrees = new LinkedHashMap<>();
    private final Map<String, Object> provenance = new LinkedHashMap<>();
    private final Map<String, JsonLines> logs = new LinkedHashMap<>();
    private @Nullable EventFile events;
    private final boolean resumed;
    private final MetricWindow window = new MetricWindow();
    private final long startNanos;
    private double trainedSeconds;
    private double prepareSeconds = -1;
    private long tokens;

    /**
     * Where and how a stage runs.
     *
     * @param seed the stage's
     * @param dataSeed the run's
     * @param resume go on from the newest checkpoint, where there is one
     * @param nanoTime the clock
     */
    public record Setting(
            String name,
            Path directory,
            Path cacheDirectory,
            long seed,
            long dataSeed,
            Kernels kernels,
            Console console,
            boolean resume,
            LongSupplier nanoTime) {}

    public StageRun(Setting setting) {
        this.setting = setting;
        this.checkpoints = new Checkpoints(setting.directory().resolve("checkpoints"));
        this.resumed = setting.resume() && checkpoints.exist();
        this.startNanos = setting.nanoTime().getAsLong();
        if (!resumed) {
            checkpoints.clear();
        }
    }

    @Override
    public String name() {
        return setting.name();
    }

    @Override
    public Path directory() {
        return setting.directory();
    }

    @Override
    public Path cacheDirectory() {
        return setting.cacheDirectory();
    }

    @Override
    public long seed() {
        return setting.seed();
    }

    @Override
    public long dataSeed() {
        return setting.dataSeed();
    }

    @Override
    public Kernels kernels() {
        return setting.kernels();
    }

    @Override
    public boolean resumed() {
        return resumed;
    }

    @Override
    public void register(String name, Stateful stateful) {
        if (registered.putIfAbsent(name, stateful) != null) {
            throw new IllegalStateException(name + " is registered twice");
        }
    }

    @Override
    public void train(LoopSettings settings, LongFunction<StepResult> step, Evaluation evaluation) {
        prepareSeconds = seconds(startNanos);
        long done = resumed ? restore() : 0;
        try (Progress progress = progress(name(), settings.steps() - done, "steps")) {
            for (long number = done + 1; number <= settings.steps(); number++) {
                long before = setting.nanoTime().getAsLong();
                StepResult result = step.apply(number);
                double elapsed = seconds(before);
                trainedSeconds += elapsed;
                tokens += result.tokens();
                window.add(result);
                boolean last = number == settings.steps();
                if (number % settings.loggingSteps() == 0 || last) {
                    metrics(number, window.line(number, tokens));
                    log("timing").write(timing(number));
                }
                if (last || isDue(number, settings.evalSteps())) {
                    evaluate(number, evaluation);
                }
                if (isDue(number, settings.saveSteps()) || last && settings.saveSteps() > 0) {
                    save(number, settings.saveTotalLimit());
                }
                progress.advance(1);
            }
        }
    }

    private static boolean isDue(long step, long every) {
        return every > 0 && step % every == 0;
    }

    private void evaluate(long step, Evaluation evaluation) {
        Map<String, Double> values = evaluation.evaluate();
        if (!values.isEmpty()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("step", step);
            values.forEach((key, value) -> line.put("eval_" + key, value));
            metrics(step, line);
            values.forEach((key, value) -> summarize("eval_" + key, value));
        }
    }

    private void metrics(long step, Map<String, Object> line) {
        log("metrics").write(line);
        Map<String, Double> scalars = new LinkedHashMap<>();
        line.forEach((name, value) -> scalars.put(name, ((Number) value).doubleValue()));
        scalars.remove("step");
        events().write(wallSeconds(), step, scalars);
    }

    private static double wallSeconds() {
        return System.currentTimeMillis() / 1000.0;
    }

    private Map<String, Object> timing(long step) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.put("elapsed_s", trainedSeconds);
        line.put("tokens_per_second", tokens / Math.max(trainedSeconds, 1e-9));
        line.put("rss_mb", ResidentMemory.current() / (1024.0 * 1024));
        return line;
    }

    private void save(long step, int keep) {
        ObjectNode loop = new ObjectMapper().createObjectNode();
        loop.put("step", step);
        loop.put("tokens", tokens);
        loop.put("trained_seconds", trainedSeconds);
        window.save(loop.putObject("window"));
        ObjectNode bytes = loop.putObject("log_bytes");
        ObjectNode digests = loop.putObject("log_sha256");
        for (String log : LoopState.LOGS) {
            bytes.put(log, log(log).sync());
            digests.put(log, log(log).sha256Hex());
        }
        loop.put("event_bytes", events().sync());
        checkpoints.save(step, registered, loop, keep);
    }

    private long restore() {
        Optional<LoopState> restored = checkpoints.restore(registered, this::warn);
        if (restored.isEmpty()) {
            throw new SelfCheckFailure("no checkpoint of stage " + name() + " in " + directory()
                    + " is sound; run it again with --overwrite or --from " + name());
        }
        LoopState loop = restored.get();
        logs.values().forEach(JsonLines::close);
        logs.clear();
        loop.logs().forEach((log, was) -> logs.put(log, JsonLines.reopen(file(log), was.bytes(), was.sha256())));
        closeEvents();
        events = openEvents(loop.eventBytes());
        tokens = loop.tokens();
        trainedSeconds = loop.trainedSeconds();
        window.restore(loop.window());
        note("resumed from step " + loop.step());
        return loop.step();
    }

    private Path file(String log) {
        return directory().resolve(log + ".jsonl");
    }

    private JsonLines log(String log) {
        return logs.computeIfAbsent(log, name -> JsonLines.open(file(name), 0));
    }

    private EventFile events() {
        EventFile open = events == null ? openEvents(0) : events;
        events = open;
        return open;
    }

    private EventFile openEvents(long length) {
        return EventFile.open(directory().resolve(EVENTS), length, wallSeconds());
    }

    private void closeEvents() {
        if (events != null) {
            events.close();
        }
    }

    @Override
    public void sample(long step, Map<String, ?> sample) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(sample);
        log("samples").write(line);
    }

    @Override
    public void summarize(String name, double value) {
        summary.put(name, value);
    }

    @Override
    public void summarize(String key, Map<String, ?> tree) {
        summaryTrees.put(key, tree);
    }

    @Override
    public void selfCheck(String what, boolean passed, String detail) {
        note("self-check " + (passed ? "ok    " : "FAILED ") + what + ": " + detail);
        if (!passed) {
            throw new SelfCheckFailure("stage " + name() + ": self-check failed: " + what + ": " + detail);
        }
    }

    @Override
    public void note(String line) {
        setting.console().line("[" + name() + "] " + line);
    }

    @Override
    public void warn(String line) {
        setting.console().warning("[" + name() + "] " + line);
    }

    @Override
    public Progress progress(String what, long total, String unit) {
        return setting.console().progress(what, total, unit);
    }

    @Override
    public void provenance(String key, Object value) {
        provenance.put(key, value);
    }

    /** Facts that the stage recorded. */
    public Map<String, Object> provenance() {
        return provenance;
    }

    /** The stage's entry in summary.json, without its type: metrics, trees, seconds. */
    public Map<String, Object> summary() {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("metrics", summary);
        entry.putAll(summaryTrees);
        double total = seconds(startNanos);
        entry.put("seconds", total);
        entry.put("prepare_seconds", prepareSeconds < 0 ? total : prepareSeconds);
        entry.put("peak_rss_mb", ResidentMemory.peak() / (1024.0 * 1024));
        return entry;
    }

    /**
     * Ends the stage's logs.
     *
     * @throws UserError when one of them, or the folder, was removed while the stage ran
     */
    public void requireLogs() {
        logs.forEach((name, log) -> {
            if (!log.isThere()) {
                throw new UserError(file(name) + " was removed or cut while stage " + name() + " ran; run it again");
            }
        });
    }

    private double seconds(long sinceNanos) {
        return (setting.nanoTime().getAsLong() - sinceNanos) / 1e9;
    }

    @Override
    public void close() {
        logs.values().forEach(JsonLines::close);
        closeEvents();
    }
}
