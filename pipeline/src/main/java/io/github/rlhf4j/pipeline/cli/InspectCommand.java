package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.SplitSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}: what a model's directory or a dataset holds. */
@Command(name = "inspect", description = "Show what a model's directory or a dataset holds.", sortOptions = false)
final class InspectCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            paramLabel = "DIR|FILE",
            description = "A model's directory; a data file, a folder or a glob of them; or synthetic:<part>.")
    private String what = "";

    @Option(
            names = {"--model", "--tokenizer"},
            paramLabel = "DIR",
            description =
                    "Of a dataset: count tokens as this model's folder has them, and show the first row with its mask.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "TYPE",
            description = "Of a dataset: its type, where the columns do not tell.")
    private String format = "";

    @Option(
            names = "--columns",
            paramLabel = "OURS=THEIRS",
            split = ",",
            description = "Of a dataset: names of its columns, as prompt=question.")
    private Map<String, String> columns = new LinkedHashMap<>();

    @Option(names = "--limit", paramLabel = "N", description = "Of a dataset: read its first N rows.")
    private long limit = DatasetSpec.NO_LIMIT;

    @Option(names = "--seed", paramLabel = "N", description = "Of a dataset that is made up: the run's seed.")
    private long seed;

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (Files.isRegularFile(Path.of(what, "config.json"))) {
            inspectModel(Path.of(what));
        } else {
            DatasetSpec spec = new DatasetSpec(what, format, SplitSpec.ALL, limit, columns);
            new DataInspection(terminal).print(spec, model, seed);
        }
        return 0;
    }

    private void inspectModel(Path directory) {
        ModelDirectory model = ModelDirectory.open(directory);
        ModelConfig config = ModelConfig.from(model.config());
        print("model", directory + " (" + String.join(", ", model.config().architectures()) + ")");
        print(
                "size",
                config.layers() + " layers, hidden " + config.hiddenSize() + ", feed-forward "
                        + config.intermediateSize() + ", " + config.heads() + " heads of " + config.headDim() + ", "
                        + config.keyValueHeads() + " key-value heads");
        print("vocabulary", config.vocabSize() + (config.tiedEmbeddings() ? ", tied" : ", untied"));
        print("context", config.maxPositions() + " tokens");
        parameters(model);
        model.config()
                .scoreStatistics()
                .ifPresent(scores -> print(
                        "scores",
                        "shift %.4g, mean %.4g, std %.4g".formatted(scores.shift(), scores.mean(), scores.std())));
        if (model.hasTokenizer()) {
            tokenizer(directory, config);
        } else {
            print("tokenizer", "none");
        }
    }

    private void parameters(ModelDirectory model) {
        Map<String, Long> parts = new LinkedHashMap<>();
        long total = 0;
        try (SafetensorsReader weights = model.openWeights()) {
            for (String name : weights.names()) {
                long size = 1;
                for (long side : weights.shape(name)) {
                    size *= side;
                }
                parts.merge(part(name), size, Long::sum);
                total += size;
            }
        }
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,d", total));
        parts.forEach((part, size) -> text.append(String.format(Locale.ROOT, ", %s %,d", part, size)));
        print("parameters", text.toString());
        print(
                "memory",
                String.format(
                        Locale.ROOT,
                        "%.1f MB of weights, %.1f MB with gradients and optimiser state",
                        total * 4 / 1e6,
                        total * 16 / 1e6));
    }

    private static String part(String name) {
        return name.contains("embed_tokens")
                ? "embedding"
                : name.contains("_proj")
                        ? (name.contains("mlp") ? "feed-forward" : "attention")
                        : name.contains("norm")
                                ? "norms"
                                : name.startsWith("lm_head") || name.startsWith("score") ? "head" : "other";
    }

    private void tokenizer(Path directory, ModelConfig config) {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory)) {
            print(
                    "tokenizer",
                    tokenizer.vocabSize() + " ids, bos " + id(tokenizer.bosId(), tokenizer) + ", eos "
                            + id(tokenizer.eosId(), tokenizer) + ", pad " + id(tokenizer.padId(), tokenizer));
            print("chat template", tokenizer.chatTemplate().isPresent() ? "yes" : "none");
            if (tokenizer.vocabSize() > config.vocabSize()) {
                terminal.warning("the tokenizer has more ids than the model's vocab_size " + config.vocabSize());
            }
            if (tokenizer.eosId().isEmpty()) {
                terminal.warning("the tokenizer has no end token: nothing trained from it can stop");
            } else if (tokenizer.padId().equals(tokenizer.eosId())) {
                terminal.warning(
                        "pad and end token are the same; harmless here, but other tools may never train the end token");
            }
        }
    }

    private static String id(OptionalInt id, HuggingFaceTokenizer tokenizer) {
        return id.isPresent() ? id.getAsInt() + " " + tokenizer.token(id.getAsInt()) : "none";
    }

    private void print(String name, String value) {
        terminal.out().println(String.format("%-14s %s", name, value));
    }
}
