package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.process.ResidentMemory;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * A stage's surroundings on the disk: logs, messages and checkpoints in its folder. Every log that a resumed run must repeat is cut back to the checkpoint it continues from.
 */
public final class StageRun implements StageContext, AutoCloseable {
    private final Setting setting;
    private final Checkpoints checkpoints;
    private final Checkpoints bestCheckpoints;
    private final Map<String, Stateful> registered = new LinkedHashMap<>();
    private final Map<String, Object> summary = new LinkedHashMap<>();
    private final Map<String, Object> summaryTrees = new LinkedHashMap<>();
    private final Map<String, Object> provenance = new LinkedHashMap<>();
    private final StageLogs logs;
    private final StageMessages messages;
    private final boolean resumed;
    private final ShownMetrics shown = new ShownMetrics();
    private PacedHook whileRunning;
    private StopRequest stop = StopRequest.NEVER;
    private Cluster cluster;
    private StageListener listener = StageListener.NONE;
    private final long startNanos;
    private double prepareSeconds = -1;
    private LongFunction<List<Map<String, Object>>> rows = step -> List.of();

    /**
     * Where and how a stage runs.
     *
     * @param seed the stage's
     * @param dataSeed the run's
     * @param resume continue from the newest checkpoint, where there is one
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

    /** Runs a stage in that folder; see {@link StageRunBuilder}. */
    public static StageRunBuilder builder(Path directory, Kernels kernels) {
        return new StageRunBuilder(directory, kernels);
    }

    public StageRun(Setting setting) {
        this.setting = setting;
        this.checkpoints = new Checkpoints(setting.directory().resolve("checkpoints"));
        this.bestCheckpoints = new Checkpoints(checkpoints.directory().resolve("best"));
        this.resumed = setting.resume() && checkpoints.exist();
        this.logs = new StageLogs(setting.directory());
        this.messages = new StageMessages(setting.name(), setting.console(), setting.directory(), resumed);
        this.whileRunning = new PacedHook(() -> {}, setting.nanoTime(), this::warn);
        this.cluster = new InProcessCluster(setting.kernels());
        this.startNanos = setting.nanoTime().getAsLong();
        if (!resumed) {
            bestCheckpoints.clear();
            checkpoints.clear();
            WrongNumbers.forgetAfter(setting.directory(), 0);
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
    public Cluster cluster() {
        return cluster;
    }

    /** Another place for roll-outs, scores and reference log-probs than this process; before the stage begins. It is closed with the stage. */
    public void useCluster(Cluster other) {
        cluster.close();
        cluster = other;
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
    public void show(String label, String metric) {
        shown.add(label, metric);
    }

    @Override
    public void rows(LongFunction<List<Map<String, Object>>> ofStep) {
        rows = ofStep;
    }

    /** Calls {@code hook} now and then while the stage trains: after a line of metrics, at most every ten seconds, and not for more than a fiftieth of the time. What it throws becomes a warning. */
    public void whileRunning(Runnable hook) {
        whileRunning = new PacedHook(hook, setting.nanoTime(), this::warn);
    }

    /** What ends the stage after the step in progress. */
    public void stopOn(StopRequest request) {
        stop = request;
    }

    /** Who hears of steps, metrics, samples and messages, from now on. */
    public void listen(StageListener newListener) {
        listener = newListener;
        logs.listen(newListener);
        messages.listen(newListener);
    }

    private StepResult heard(long number, long steps, LongFunction<StepResult> step) {
        StepResult result = step.apply(number);
        listener.onStep(number, steps, result);
        return result;
    }

    @Override
    public void train(LoopSettings settings, LongFunction<StepResult> step, Evaluation evaluation) {
        prepareSeconds = seconds(startNanos);
        TrainingLoop.Surroundings around = new TrainingLoop.Surroundings(
                name(),
                setting.console(),
                setting.nanoTime(),
                kernels(),
                registered,
                checkpoints,
                bestCheckpoints,
                logs,
                messages,
                shown,
                whileRunning,
                stop,
                new WrongNumbers(setting.directory(), settings.numbers(), rows),
                this::summarize);
        new TrainingLoop(around, settings, number -> heard(number, settings.steps(), step), evaluation).run(resumed);
    }

    @Override
    public void sample(long step, Map<String, ?> sample) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(sample);
        logs.sample(line);
        listener.onSample(step, sample);
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
        messages.check(what, passed, detail);
        if (!passed) {
            throw new SelfCheckFailure("stage " + name() + ": self-check failed: " + what + ": " + detail);
        }
    }

    @Override
    public void note(String line) {
        messages.note(line);
    }

    @Override
    public void warn(String line) {
        messages.warn(line);
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
     * Ends the stage's logs: all of them are on the disk when this returns.
     *
     * @throws io.github.rlhf4j.core.UserError when one of them, or the folder, was removed while the stage ran
     */
    public void requireLogs() {
        logs.requireThere(name());
        messages.sync();
    }

    /**
     * The results of the stage in a line, such as {@code loss 1.21, eval_loss 1.3}; empty where nothing is known.
     *
     * @param metrics the last value of each metric
     */
    public String results(Map<String, ?> metrics) {
        return shown.results(metrics);
    }

    private double seconds(long sinceNanos) {
        return (setting.nanoTime().getAsLong() - sinceNanos) / 1e9;
    }

    @Override
    public void close() {
        cluster.close();
        logs.close();
        messages.close();
    }
}
