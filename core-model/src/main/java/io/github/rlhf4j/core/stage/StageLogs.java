package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The logs of a stage that a resumed run must repeat: metrics.jsonl, the same as TensorBoard events, timing.jsonl, samples.jsonl. They are cut back to the checkpoint that a run continues from. */
final class StageLogs implements AutoCloseable {
    private static final String EVENTS = "events.out.tfevents.rlhf4j";

    private final Path directory;
    private final Map<String, JsonLines> logs = new LinkedHashMap<>();
    private @Nullable EventFile events;
    private StageListener listener = StageListener.NONE;
    private boolean areNamesForced; // all logs exist from the first checkpoint on

    StageLogs(Path directory) {
        this.directory = directory;
    }

    void listen(StageListener newListener) {
        listener = newListener;
    }

    void metrics(long step, Map<String, Object> line) {
        log("metrics").write(line);
        Map<String, Double> scalars = new LinkedHashMap<>();
        line.forEach((name, value) -> scalars.put(name, ((Number) value).doubleValue()));
        scalars.remove("step");
        events().write(wallSeconds(), step, scalars);
        listener.onMetrics(step, scalars);
    }

    void timing(Map<String, Object> line) {
        log("timing").write(line);
    }

    void sample(Map<String, Object> line) {
        log("samples").write(line);
    }

    /** Writes the lengths that all have on the disk. */
    void save(ObjectNode loop) {
        ObjectNode bytes = loop.putObject("log_bytes");
        ObjectNode digests = loop.putObject("log_sha256");
        for (String name : LoopState.LOGS) {
            bytes.put(name, log(name).sync());
            digests.put(name, log(name).sha256Hex());
        }
        loop.put("event_bytes", events().sync());
        if (!areNamesForced) { // whatever else makes names in this folder
            AtomicFiles.forceDirectory(directory);
            areNamesForced = true;
        }
    }

    /** Cuts all back to the lengths that {@link #save} wrote. */
    void restore(LoopState loop) {
        close();
        logs.clear();
        loop.logs().forEach((name, was) -> logs.put(name, JsonLines.reopen(file(name), was.bytes(), was.sha256())));
        events = openEvents(loop.eventBytes());
    }

    /** Requires that none was removed while the stage ran, and forces all to the disk: a stage without checkpoints has not done so before. */
    void requireThere(String stage) {
        logs.forEach((name, log) -> {
            if (!log.isThere()) {
                throw new UserError(file(name) + " was removed or cut while stage " + stage + " ran; run it again");
            }
            log.sync();
        });
        if (events != null) {
            events.sync();
        }
    }

    private JsonLines log(String name) {
        return logs.computeIfAbsent(name, missing -> JsonLines.open(file(missing), 0));
    }

    private Path file(String name) {
        return directory.resolve(name + ".jsonl");
    }

    private EventFile events() {
        EventFile open = events == null ? openEvents(0) : events;
        events = open;
        return open;
    }

    private EventFile openEvents(long length) {
        return EventFile.open(directory.resolve(EVENTS), length, wallSeconds());
    }

    private static double wallSeconds() {
        return System.currentTimeMillis() / 1000.0;
    }

    @Override
    public void close() {
        logs.values().forEach(JsonLines::close);
        if (events != null) {
            events.close();
        }
    }
}
