package io.github.rlhf4j.web.runs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A stage's effective configuration as config.yaml has it: a key a line, each with its origin behind two spaces and a number sign. */
public final class StageConfig {
    private static final String ORIGIN = "  # ";

    private StageConfig() {}

    /** Keys with their values, keys of maps below joined by dots; empty where there is no file. */
    public static Map<String, String> read(Path stage) {
        Map<String, String> values = new LinkedHashMap<>();
        Path file = stage.resolve("config.yaml");
        try {
            if (Files.isRegularFile(file)) {
                Files.readAllLines(file).forEach(line -> add(line, values));
            }
        } catch (IOException e) {
            // gone meanwhile, or not text: nothing is known
        }
        return values;
    }

    private static void add(String line, Map<String, String> values) {
        int colon = line.indexOf(": ");
        if (colon <= 0 || line.startsWith("#") || line.startsWith(" ") || line.startsWith("-")) {
            return;
        }
        String value = line.substring(colon + 2);
        int origin = value.lastIndexOf(ORIGIN);
        values.put(line.substring(0, colon), (origin < 0 ? value : value.substring(0, origin)).strip());
    }
}
