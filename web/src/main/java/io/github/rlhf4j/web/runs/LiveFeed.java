package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.lines.GrowingLines;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What happens in runs, as it happens: one thread looks at the sizes of the few files of the runs that somebody watches, four times a second, and reads what is new. Without a listener nothing is looked at.
 */
final class LiveFeed implements AutoCloseable {
    private static final long PAUSE_MILLIS = 250;
    private static final int MOST_LINES = 500; // at once; a page that is told to reload asks for decimated curves

    private final RunFolders folders;
    private final MetricFiles files;
    private final ScheduledExecutorService watcher;

    LiveFeed(RunFolders folders, MetricFiles files) {
        this.folders = folders;
        this.files = files;
        ScheduledThreadPoolExecutor one = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "web-live");
            thread.setDaemon(true);
            return thread;
        });
        one.setRemoveOnCancelPolicy(true);
        watcher = one;
    }

    /**
     * Tells of runs until it is closed: {@code run} with what the list shows whenever that changes, {@code metrics} with new lines of stages, {@code log} with new lines of run.log, {@code runs} when one has come or gone, {@code experiments} when they have moved.
     *
     * @param runs whose metrics and logs are told; of all others only how they are. What is there when this returns is not told
     */
    AutoCloseable watch(List<String> runs, Routes.Sink sink) {
        Watch watch = new Watch(runs, sink);
        watch.look(); // before the listener hears that it is heard: nothing that comes after is missed
        ScheduledFuture<?> task =
                watcher.scheduleWithFixedDelay(watch::look, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        return () -> task.cancel(false);
    }

    /** One listener. */
    private final class Watch {
        private final List<String> closely;
        private final Routes.Sink sink;
        private final Map<String, ObjectNode> known = new HashMap<>();
        private final Map<Path, Told> told = new HashMap<>();
        private final Map<Path, GrowingLines> logs = new HashMap<>();
        private final Map<String, Long> stamps = new HashMap<>();
        private List<String> names = List.of();
        private ArrayNode experiments = Json.array();
        private long looks;

        Watch(List<String> closely, Routes.Sink sink) {
            this.closely = closely;
            this.sink = sink;
        }

        void look() {
            try {
                if (looks % 8 == 0) {
                    lookForRuns();
                }
                looks++;
                names.forEach(this::lookAt);
            } catch (UserError e) {
                names = List.of(); // one has gone meanwhile; the next look finds which are there
            } catch (RuntimeException e) {
                sink.end();
                throw e;
            }
        }

        private void lookForRuns() {
            List<String> now = folders.names();
            if (!now.equals(names)) {
                boolean first = looks == 0;
                names = now;
                if (!first) {
                    sink.send("runs", Json.texts(now));
                }
            }
            ArrayNode around = Experiments.of(folders, now);
            if (!around.equals(experiments)) {
                experiments = around;
                if (looks > 0) {
                    sink.send("experiments", around);
                }
            }
        }

        private void lookAt(String name) {
            Path run = folders.of(name);
            boolean isClose = closely.contains(name);
            if (hasMoved(name, run) || looks % 8 == 1) {
                ObjectNode view = RunView.brief(name, run);
                ObjectNode before = known.put(name, view);
                if (before != null && !before.equals(view)) {
                    sink.send("run", view);
                }
            }
            if (isClose) {
                Objects.requireNonNull(known.get(name)).path("stages").forEach(stage -> {
                    Path folder = run.resolve(stage.path("name").asText());
                    metrics(name, folder);
                });
                log(name, run);
            }
        }

        /** Whether the file that the run renews is another; an older run has none. */
        private boolean hasMoved(String name, Path run) {
            long now = run.resolve(".process").toFile().lastModified();
            Long before = stamps.put(name, now);
            return before == null || before != now;
        }

        private void metrics(String run, Path stage) {
            MetricFile file = files.of(stage, MetricFiles.METRICS);
            Told now = file.isDraft() ? Told.DRAFT : new Told(file.generation(), file.rows());
            Told before = told.put(stage, now);
            if (before != null && !before.equals(now)) {
                send(run, stage, file, before);
            }
        }

        private void send(String run, Path stage, MetricFile file, Told before) {
            ObjectNode event = Json.object();
            event.put("run", run);
            event.put("stage", stage.getFileName().toString());
            boolean reload = before.generation() != file.generation() || file.rows() - before.rows() > MOST_LINES;
            event.put("reload", reload);
            ArrayNode lines = event.putArray("lines");
            if (!reload) {
                file.since(before.rows()).forEach(line -> {
                    ObjectNode values = lines.addObject();
                    line.forEach((metric, value) -> values.put(metric, value.doubleValue()));
                });
            }
            if (reload || !lines.isEmpty()) {
                sink.send("metrics", event);
            }
        }

        private void log(String name, Path run) {
            GrowingLines before = logs.get(run);
            GrowingLines log = before == null ? new GrowingLines(run.resolve("run.log")) : before;
            logs.put(run, log);
            if (before != null && !log.hasChanged()) {
                return;
            }
            ArrayNode lines = Json.array();
            log.read(new GrowingLines.Reader() {
                @Override
                public void restart() {
                    lines.removeAll();
                }

                @Override
                public void line(byte[] bytes, int from, int to, long offset) {
                    if (before != null && lines.size() < MOST_LINES) {
                        lines.add(new String(bytes, from, to - from, StandardCharsets.UTF_8));
                    }
                }
            });
            if (!lines.isEmpty()) {
                ObjectNode event = Json.object();
                event.put("run", name);
                event.set("lines", lines);
                sink.send("log", event);
            }
        }
    }

    /** What a listener has heard of a file of metrics. */
    private record Told(int generation, int rows) {
        /** Of a file that has not been read yet: that it has is news. */
        static final Told DRAFT = new Told(-1, 0);
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }
}
