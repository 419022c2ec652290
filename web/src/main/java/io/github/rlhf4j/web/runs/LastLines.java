package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The last lines of a file that may be long: the list of runs needs no more of metrics, a run's page no more of its log. */
final class LastLines {
    private static final int METRICS_BYTES = 16 << 10;

    private LastLines() {}

    /** The last value of each number in the last lines; none where there is no file. */
    static Map<String, Double> values(Path file) {
        Map<String, Double> values = new LinkedHashMap<>();
        text(file, METRICS_BYTES).lines().forEach(line -> {
            try {
                JsonNode tree = Json.MAPPER.readTree(line);
                tree.properties().forEach(entry -> {
                    if (entry.getValue().isNumber()) {
                        values.put(entry.getKey(), entry.getValue().doubleValue());
                    }
                });
            } catch (IOException e) {
                // a line that is not whole yet
            }
        });
        return values;
    }

    /** The lines that begin in the last {@code bytes}; empty where there is no file. */
    static String text(Path file, int bytes) {
        if (!Files.isRegularFile(file)) {
            return "";
        }
        try (RandomAccessFile read = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, read.length() - bytes);
            byte[] end = new byte[(int) (read.length() - from)];
            read.seek(from);
            read.readFully(end);
            String text = new String(end, StandardCharsets.UTF_8);
            return from == 0 ? text : text.substring(text.indexOf('\n') + 1);
        } catch (IOException e) {
            return ""; // gone or cut meanwhile
        }
    }
}
