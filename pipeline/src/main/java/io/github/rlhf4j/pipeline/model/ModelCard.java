package io.github.rlhf4j.pipeline.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.gguf.GgufExport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** A model's README.md, as the Hugging Face Hub reads it: metadata as YAML, then what the model is, where it is from, what it was trained on, and what came of it, as far as the run that made it says so. */
final class ModelCard {
    private static final String MARK = "<!-- written by rlhf4j export -->";

    private static final int SHOWN = 16; // hexadecimal digits of a digest

    private final GivenModel model;
    private final StageHistory history;
    private final CardMetadata known;
    private final String command;
    private final StringBuilder text = new StringBuilder();

    /** @param command that exported it */
    ModelCard(GivenModel model, String command) {
        this.model = model;
        this.history = StageHistory.of(model.directory());
        this.known = CardMetadata.of(model, history);
        this.command = command;
    }

    /** What the card of a file has, and no other. */
    static String mark(Path file) {
        return MARK + "\n# " + file.getFileName() + "\n";
    }

    /** Of a folder. */
    String ofFolder(Path folder, Optional<FolderComparison> comparison) {
        return card(
                String.valueOf(folder.toAbsolutePath().getFileName()),
                false,
                () -> comparison.ifPresent(seen -> {
                    line(readBack(seen.largestDifference(), seen.tokens(), seen.meanLogProb(), "folder"));
                    line("");
                }));
    }

    /** Of a GGUF file. */
    String ofFile(Path file, GgufExport.Result result) {
        String name = String.valueOf(file.getFileName());
        return card(name, true, () -> describeFile(name, result));
    }

    /** @param written says what is known of what was written */
    private String card(String title, boolean isFile, Runnable written) {
        text.append("---\n")
                .append(metadata(isFile))
                .append("---\n")
                .append(MARK)
                .append('\n');
        line("# " + title);
        line("");
        describe();
        written.run();
        describeHistory();
        line("## How it was exported");
        line("");
        line("    " + command);
        return text.toString();
    }

    private String metadata(boolean isGguf) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("library_name", isGguf ? "gguf" : "transformers");
        keys.put(
                "pipeline_tag",
                switch (model.head()) {
                    case LANGUAGE -> "text-generation";
                    case SCALAR -> "text-classification";
                    case LABELS -> "token-classification";
                });
        keys.putAll(known.keys());
        List<String> tags = new ArrayList<>(List.of("rlhf4j"));
        if (isGguf) {
            tags.add("gguf");
        }
        history.stages().stream().map(StageHistory.Made::type).distinct().forEach(tags::add);
        keys.put("tags", tags);
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        return new Yaml(options).dump(keys);
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void describe() {
        ModelConfig config =
                ModelConfig.from(ModelDirectory.open(model.directory()).config());
        line("| | |");
        line("|---|---|");
        row(
                "kind",
                switch (model.head()) {
                    case LANGUAGE -> "language model";
                    case SCALAR -> "reward model: a score for a text, at its last token";
                    case LABELS -> "process reward model: a score for each step";
                });
        row("architecture", config.family().architecture(model.head()));
        row(
                "parameters",
                String.format(
                        Locale.ROOT, "%,d", new ModelSize(config, Set.of(model.head()), DataType.FLOAT).parameters()));
        row("layers, width", config.layers() + ", " + config.hiddenSize());
        row("vocabulary", String.format(Locale.ROOT, "%,d tokens", config.vocabSize()));
        row("context", String.format(Locale.ROOT, "%,d tokens", config.maxPositions()));
        known.baseShown().ifPresent(base -> row("trained from", base));
        model.adapter().ifPresent(adapter -> row("adapter", "`" + cell(adapter.toString()) + "`, in the weights"));
        line("");
    }

    private void row(String name, String value) {
        line("| " + name + " | " + value + " |");
    }

    /** Text of others in a cell of a table. */
    private static String cell(String given) {
        return given.replace("|", "\\|").replace("\n", " ").replace("`", "'");
    }

    private void describeFile(String name, GgufExport.Result result) {
        line("## This file");
        line("");
        line("Tensors by type: "
                + result.types().entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey())
                        .collect(Collectors.joining(", "))
                + String.format(Locale.ROOT, "; %,d bytes.", result.bytes()));
        line("");
        line(readBack(result.largestDifference(), result.tokens(), result.meanLogProb(), "file"));
        result.warnings().forEach(warning -> {
            line("");
            line("Note: " + warning + ".");
        });
        line("");
        line("    llama-cli -m " + name);
        line("    ./rlhf4j chat --model " + name);
        line("");
    }

    private static String readBack(double largestDifference, int tokens, double meanLogProb, String what) {
        return String.format(
                Locale.ROOT,
                "Read back, the largest difference from the model's log-probs is **%.6f nats** over the %d tokens of a fixed text (mean log-prob of a token in the %s: %.4f nats).",
                largestDifference,
                tokens,
                what,
                meanLogProb);
    }

    private void describeHistory() {
        if (history.stages().isEmpty()) {
            return;
        }
        line("## Training");
        line("");
        line("The last stage first, as the run's provenance.json has it.");
        line("");
        line("| stage | type | started from | data | rows | SHA-256 of the data | seed | date | version |");
        line("|---|---|---|---|---|---|---|---|---|");
        for (StageHistory.Made stage : history.stages()) {
            JsonNode dataset = stage.provenance().path("dataset");
            line("| "
                    + String.join(
                            " | ",
                            cell(stage.name()),
                            cell(stage.type()),
                            cell(stage.config("model").orElse("new weights")),
                            cell(dataset.path("path").asText("")),
                            dataset.path("rows").asText(""),
                            shortened(dataset.path("sha256").asText("")),
                            stage.provenance().path("seeds").path("stage").asText(""),
                            cell(stage.provenance().path("date").asText("")),
                            cell(stage.provenance()
                                    .path("versions")
                                    .path("rlhf4j")
                                    .asText("")))
                    + " |");
        }
        line("");
        describeMetrics(history.stages().get(0));
        String run = history.stages().get(0).provenance().path("command_line").asText("");
        if (!run.isEmpty()) {
            line("Made by");
            line("");
            line("    " + run.replace("\n", " "));
            line("");
        }
    }

    private static String shortened(String digest) {
        return digest.substring(0, Math.min(SHOWN, digest.length()));
    }

    private void describeMetrics(StageHistory.Made last) {
        JsonNode metrics = last.summary().path("metrics");
        if (metrics.isEmpty()) {
            return;
        }
        line("Metrics of " + last.name() + " at its end, as its summary.json has them:");
        line("");
        line("| metric | value |");
        line("|---|---|");
        metrics.properties()
                .forEach(metric -> line("| `" + cell(metric.getKey()) + "` | " + shown(metric.getValue()) + " |"));
        line("");
    }

    private static String shown(JsonNode value) {
        return value.isNumber() && !value.isIntegralNumber()
                ? String.format(Locale.ROOT, "%.6g", value.doubleValue())
                : cell(value.asText());
    }
}
