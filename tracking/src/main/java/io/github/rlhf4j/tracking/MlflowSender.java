package io.github.rlhf4j.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells MLflow what is new, in a thread of its own: after each wake-up whatever stands in the state and in the stages' files and has not been told. So it does not matter how often it fails, and what is
 * pending survives the process.
 */
final class MlflowSender {
    private static final int METRICS_AT_ONCE = 900; // MLflow takes 1,000
    private static final int PARAMETERS_AT_ONCE = 100;
    private static final int LONGEST_VALUE = 6000;
    private static final long LEAST_PAUSE = 500; // ms between two looks, and after the first failure
    private static final long LONGEST_PAUSE = 60_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final TrackedRun run;
    private final MlflowClient client;
    private final double patience;
    private final Path file;
    private final MlflowState state;
    private final Thread thread = new Thread(this::work, "mlflow");

    // what this process knows; guarded by this
    private final Set<String> begun = new HashSet<>();
    private boolean isNews = true;
    private String endStatus = "";
    private long deadline = Long.MAX_VALUE; // nanoTime
    private volatile boolean isPending = true; // something may be told yet

    // of the thread alone
    private final Map<String, AppendedLines> files = new HashMap<>(); // by stage
    private final Map<String, Map<String, Long>> steps =
            new HashMap<>(); // the last that MLflow has, by stage and metric
    private boolean isRunning; // MLflow knows that the run goes on
    private boolean hasWarned;
    private String experimentId = ""; // empty: not asked for yet

    MlflowSender(TrackedRun run, MlflowClient client, String experiment, double patience) {
        this.run = run;
        this.client = client;
        this.patience = patience;
        this.file = run.files().resolve("mlflow.json");
        this.state = MlflowState.read(file, client.shown(), experiment);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized void wake() {
        isNews = true;
        notifyAll();
    }

    /** A stage begins; one that was interrupted goes on in MLflow's run for it, where its configuration is the same or it continues. */
    synchronized void begin(TrackedStage stage, boolean goesOn) {
        MlflowState.Stage known = state.stages.get(stage.name());
        if (known == null || !goesOn && (known.results != null || !known.config.equals(stage.config()))) {
            known = new MlflowState.Stage();
        }
        known.type = stage.type();
        known.config = new LinkedHashMap<>(stage.config());
        known.results = null;
        known.told = false;
        state.stages.put(stage.name(), known);
        begun.add(stage.name());
        state.write(file);
        wake();
    }

    synchronized void done(String stage, Map<String, Double> results) {
        MlflowState.Stage known = state.stages.get(stage);
        if (known != null) {
            known.results = new LinkedHashMap<>(results);
            state.write(file);
        }
        wake();
    }

    /** The run ends: waits until everything is told, or for as long as patience lasts. */
    void end(Tracker.Outcome outcome) {
        synchronized (this) {
            endStatus = switch (outcome) {
                case FINISHED -> "FINISHED";
                case FAILED -> "FAILED";
                case STOPPED -> "KILLED";
            };
            deadline = System.nanoTime() + (long) (patience * 1e9);
            wake();
        }
        try {
            thread.join((long) (patience * 1000) + LEAST_PAUSE);
            if (isPending) {
                thread.interrupt();
                run.console()
                        .warning("[mlflow] not everything was told to MLflow at " + client.shown() + " within "
                                + patience + " s (report_to.mlflow.patience); the next run with --resume tells it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        long pause = LEAST_PAUSE;
        try {
            while (true) {
                boolean isLast = awaitNews();
                try {
                    tell();
                    pause = LEAST_PAUSE;
                    if (isLast) {
                        isPending = false;
                        return;
                    }
                    rest(LEAST_PAUSE);
                } catch (MlflowClient.Failure e) {
                    warnOnce(e);
                    if (!e.isPassing()) {
                        isPending = false;
                        return;
                    }
                    pause(pause);
                    pause = Math.min(2 * pause, LONGEST_PAUSE);
                    wake();
                }
            }
        } catch (InterruptedException e) {
            // patience is over
        } catch (IOException | RuntimeException e) {
            isPending = false;
            run.console().warning("[mlflow] no longer told what the run does, which goes on: " + e.getMessage());
        }
    }

    /** Waits for something to tell; whether it is the last. */
    private synchronized boolean awaitNews() throws InterruptedException {
        while (!isNews) {
            wait();
        }
        isNews = false;
        return !endStatus.isEmpty();
    }

    /** Lets so much time pass; the end of the run cuts it short. */
    private synchronized void rest(long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        long left = millis;
        while (left > 0 && endStatus.isEmpty()) { // records wake this too, and change nothing
            wait(left);
            left = (until - System.nanoTime()) / 1_000_000;
        }
    }

    /** As {@link #rest}; once the run has ended a second at most, for as long as patience lasts. */
    private synchronized void pause(long millis) throws InterruptedException {
        rest(millis);
        if (endStatus.isEmpty()) {
            return;
        }
        if (System.nanoTime() >= deadline) {
            throw new InterruptedException();
        }
        wait(Math.min(millis, 1000));
    }

    private void warnOnce(MlflowClient.Failure failure) {
        if (!hasWarned || !failure.isPassing()) {
            hasWarned = true;
            run.console()
                    .warning("[mlflow] " + failure.getMessage()
                            + (failure.isPassing()
                                    ? "; the run goes on, and it is tried again"
                                    : "; the run goes on without it"));
        }
    }

    /** Everything that is not told yet. */
    private void tell() throws MlflowClient.Failure, IOException, InterruptedException {
        tellRun();
        for (String name : names()) {
            tellStage(name, stage(name));
        }
        String status = status();
        if (!status.isEmpty()) {
            client.status(runId(), status, System.currentTimeMillis());
        }
    }

    private void tellRun() throws MlflowClient.Failure, InterruptedException {
        String known = runId();
        if (!isRunning && !known.isEmpty()) {
            if (client.steps(known).isEmpty()) {
                forget();
                known = "";
            } else {
                client.status(known, "RUNNING", 0);
            }
        }
        if (known.isEmpty()) {
            Map<String, String> tags = tags();
            tags.put("rlhf4j.folder", run.folder().toAbsolutePath().toString());
            String id = newRun(run.name(), tags);
            synchronized (this) {
                state.runId = id;
                state.write(file);
            }
            client.parameters(id, Map.of("seed", String.valueOf(run.seed())));
        }
        isRunning = true;
    }

    /** Begins a run of MLflow; its id. */
    private String newRun(String name, Map<String, String> tags) throws MlflowClient.Failure, InterruptedException {
        if (experimentId.isEmpty()) {
            experimentId = client.experiment(state.experiment);
        }
        return client.begin(experimentId, name, System.currentTimeMillis(), tags);
    }

    /** The tags that all our runs have. */
    private static Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("mlflow.source.name", "rlhf4j");
        tags.put("mlflow.source.type", "LOCAL");
        tags.put("mlflow.user", System.getProperty("user.name", ""));
        return tags;
    }

    private void tellStage(String name, MlflowState.Stage stage)
            throws MlflowClient.Failure, IOException, InterruptedException {
        String id = idOf(stage);
        if (!steps.containsKey(name)) {
            Map<String, Long> known = Map.of();
            if (!id.isEmpty()) {
                known = client.steps(id).orElse(Map.of());
                client.status(id, "RUNNING", 0);
            } else {
                id = beginStage(name, stage);
            }
            steps.put(name, new HashMap<>(known));
        }
        AppendedLines lines = files.computeIfAbsent(
                name, first -> new AppendedLines(run.folder().resolve(name).resolve("metrics.jsonl")));
        Map<String, Double> results = resultsOf(stage); // before the lines, so that none comes after them
        ArrayNode batch = MAPPER.createArrayNode();
        Map<String, Long> told = Objects.requireNonNull(steps.get(name));
        for (List<String> some = lines.more(); !some.isEmpty(); some = lines.more()) {
            for (String line : some) {
                add(batch, MAPPER.readTree(line), told);
                if (batch.size() >= METRICS_AT_ONCE) {
                    send(id, batch, told);
                }
            }
            send(id, batch, told);
            lines.done();
        }
        if (results != null) {
            results.forEach((metric, value) -> add(batch, "results/" + metric, value, 0));
            send(id, batch, told);
            client.status(id, "FINISHED", System.currentTimeMillis());
            synchronized (this) {
                stage.told = true;
                state.write(file);
            }
        } else if (!status().isEmpty()) {
            client.status(id, status().equals("FINISHED") ? "KILLED" : status(), System.currentTimeMillis());
        }
    }

    private String beginStage(String name, MlflowState.Stage stage) throws MlflowClient.Failure, InterruptedException {
        Map<String, String> tags = tags();
        tags.put("mlflow.parentRunId", runId());
        tags.put("rlhf4j.stage", name);
        tags.put("rlhf4j.type", stage.type);
        String id = newRun(run.name() + "/" + name, tags);
        Map<String, String> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : stage.config.entrySet()) {
            String value = entry.getValue();
            parameters.put(
                    legal(entry.getKey()), value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) : value);
            if (parameters.size() == PARAMETERS_AT_ONCE) {
                client.parameters(id, parameters);
                parameters.clear();
            }
        }
        if (!parameters.isEmpty()) {
            client.parameters(id, parameters);
        }
        synchronized (this) {
            stage.runId = id;
            state.write(file);
        }
        return id;
    }

    private static void add(ArrayNode batch, JsonNode line, Map<String, Long> told) {
        long step = line.path("step").asLong();
        line.properties().forEach(entry -> {
            if (!entry.getKey().equals("step") && step > told.getOrDefault(legal(entry.getKey()), -1L)) {
                add(batch, entry.getKey(), entry.getValue().asDouble(), step);
            }
        });
    }

    private static void add(ArrayNode batch, String key, double value, long step) {
        var metric = batch.addObject().put("key", legal(key));
        if (Double.isFinite(value)) {
            metric.put("value", value);
        } else {
            metric.put("value", Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
        metric.put("timestamp", System.currentTimeMillis()).put("step", step);
    }

    private void send(String id, ArrayNode batch, Map<String, Long> told)
            throws MlflowClient.Failure, InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        client.metrics(id, batch);
        batch.forEach(metric ->
                told.merge(metric.path("key").asText(), metric.path("step").asLong(), Math::max));
        batch.removeAll();
    }

    /** As MLflow allows names. */
    private static String legal(String name) {
        return name.replaceAll("[^A-Za-z0-9_./ -]", "_");
    }

    /** Stages that this process has begun, and those that are complete but not told. */
    private synchronized List<String> names() {
        return state.stages.entrySet().stream()
                .filter(entry -> !entry.getValue().told)
                .filter(entry -> begun.contains(entry.getKey()) || entry.getValue().results != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    private synchronized MlflowState.Stage stage(String name) {
        return Objects.requireNonNull(state.stages.get(name));
    }

    private synchronized String idOf(MlflowState.Stage stage) {
        return stage.runId;
    }

    private synchronized @Nullable Map<String, Double> resultsOf(MlflowState.Stage stage) {
        return stage.results == null ? null : Map.copyOf(stage.results);
    }

    private synchronized String runId() {
        return state.runId;
    }

    private synchronized String status() {
        return endStatus;
    }

    /** The server has lost its runs. */
    private synchronized void forget() {
        state.runId = "";
        state.stages.values().forEach(stage -> {
            stage.runId = "";
            stage.told = false;
        });
    }
}
