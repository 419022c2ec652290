package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.pipeline.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What provenance.json says about how a stage came about. */
final class Provenance {
    private Provenance() {}

    static Map<String, Object> of(
            PlannedStage stage, long runSeed, Map<String, Object> facts, Map<String, String> parents, String kernels) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("stage", stage.name());
        tree.put("type", stage.type());
        tree.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        tree.put("command_line", commandLine());
        Map<String, Object> seeds = new LinkedHashMap<>();
        seeds.put("run", runSeed);
        seeds.put("stage", stage.seed());
        tree.put("seeds", seeds);
        tree.put("parents", parents);
        tree.putAll(facts);
        tree.put("versions", versions());
        tree.put("hardware", hardware(kernels));
        tree.put("config", config(stage));
        return tree;
    }

    /** As the launcher was called, so that it can be called again. */
    private static String commandLine() {
        String java = System.getProperty("sun.java.command", "");
        int arguments = java.indexOf(' ');
        return java.startsWith("io.github.rlhf4j.") && arguments > 0 ? "./rlhf4j" + java.substring(arguments) : "";
    }

    private static Map<String, Object> config(PlannedStage stage) {
        Map<String, Object> config = new LinkedHashMap<>();
        for (Map.Entry<String, ConfigValue> entry :
                stage.effective().entries().entries().entrySet()) {
            Map<String, Object> value = new LinkedHashMap<>();
            value.put("value", entry.getValue().toLine());
            value.put("origin", entry.getValue().origin().text());
            config.put(entry.getKey(), value);
        }
        return config;
    }

    private static Map<String, Object> versions() {
        Map<String, Object> versions = new LinkedHashMap<>();
        String own = Provenance.class.getPackage().getImplementationVersion();
        versions.put("rlhf4j", own == null ? "development" : own);
        versions.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        versions.put(
                "os",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        return versions;
    }

    private static Map<String, Object> hardware(String kernels) {
        Map<String, Object> hardware = new LinkedHashMap<>();
        hardware.put("processor", field(Path.of("/proc/cpuinfo"), "model name"));
        hardware.put("processors", Runtime.getRuntime().availableProcessors());
        hardware.put("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
        hardware.put("kernels", kernels);
        return hardware;
    }

    private static String field(Path file, String name) {
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
