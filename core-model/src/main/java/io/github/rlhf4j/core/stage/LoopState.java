package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint says of the loop and its logs, read back with every value checked: the file may have been changed since.
 *
 * @param step the step it was written after, >= 1
 * @param tokens so far
 * @param trainedSeconds so far
 * @param stalledSteps of {@link StalledGradient}
 * @param window the metrics of the steps since the last logged line
 * @param logs the logs of {@link #LOGS} alone, never a file name of the state's choice
 * @param eventBytes length of the event file
 * @param best the best evaluation so far
 * @param wrong of {@link WrongNumbers}
 */
record LoopState(
        long step,
        long tokens,
        double trainedSeconds,
        long stalledSteps,
        JsonNode window,
        Map<String, LogState> logs,
        long eventBytes,
        JsonNode best,
        JsonNode wrong) {
    /** The logs that go back to a checkpoint, by the names of their files. */
    static final List<String> LOGS = List.of("metrics", "timing", "samples");

    /**
     * A log as it was.
     *
     * @param bytes its length
     * @param sha256 of so many bytes; empty in a checkpoint of an older version
     */
    record LogState(long bytes, String sha256) {}

    static LoopState read(JsonNode loop) {
        Map<String, LogState> logs = new LinkedHashMap<>();
        for (String log : LOGS) {
            logs.put(
                    log,
                    new LogState(
                            whole(loop.path("log_bytes"), log, 0),
                            loop.path("log_sha256").path(log).asText()));
        }
        JsonNode window = loop.path("window");
        boolean isWindow = window.isObject()
                && window.properties().stream()
                        .map(Map.Entry::getValue)
                        .allMatch(sum -> sum.size() == 2
                                && sum.get(0).isValueNode()
                                && sum.get(1).isNumber());
        if (!isWindow) {
            throw new IllegalArgumentException("window must be a map of pairs of numbers");
        }
        return new LoopState(
                whole(loop, "step", 1),
                whole(loop, "tokens", 0),
                Math.max(0, loop.path("trained_seconds").asDouble()),
                loop.path("stalled_steps").asLong(),
                window,
                logs,
                whole(loop, "event_bytes", 0),
                loop.path("best"),
                loop);
    }

    private static long whole(JsonNode node, String key, long least) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < least) {
            throw new IllegalArgumentException(key + " must be a whole number >= " + least + ", but is " + value);
        }
        return value.longValue();
    }
}
