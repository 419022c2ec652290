package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.StoredAdapter;
import io.github.rlhf4j.core.model.WeightCheck;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A model's directory, looked at: architecture, parameters, memory, tokenizer, and what is likely to go wrong. Reads config.json, the weights' headers and the tokenizer. */
public final class ModelInspection {
    private ModelInspection() {}

    /**
     * Looks at a directory. What is wrong with its weights or its tokenizer is a warning.
     *
     * @throws UserError where config.json is missing or of a model that is not supported
     */
    public static Report of(Path directory) {
        return of(directory, Optional.empty());
    }

    /**
     * Looks at a directory and at an adapter on it.
     *
     * @throws UserError where config.json is missing or of a model that is not supported, or the adapter does not fit
     */
    public static Report of(Path directory, Optional<Path> adapter) {
        ModelDirectory model = ModelDirectory.open(directory);
        ModelConfig config = ModelConfig.from(model.config());
        Head head = Head.of(model.config());
        ModelSize size = new ModelSize(config, Set.of(head), DataType.FLOAT);
        Report report = new Report();
        report.line("model", directory + " (" + String.join(", ", model.config().architectures()) + ")");
        new Architecture(size).describe(report);
        model.config()
                .scoreStatistics()
                .ifPresent(scores -> report.line(
                        "scores",
                        "shift %.4g, mean %.4g, std %.4g".formatted(scores.shift(), scores.mean(), scores.std())));
        weights(model, config, head, report);
        Optional<StoredAdapter> stored = adapter.map(folder -> StoredAdapter.of(folder, config, size.heads()));
        stored.ifPresent(its -> adapter(adapter.orElseThrow(), its, report));
        new MemoryNeeds(size, stored).describe(report);
        tokenizer(model, config, report);
        return report;
    }

    private static void adapter(Path folder, StoredAdapter stored, Report report) {
        LoraConfig lora = stored.config();
        report.line(
                "adapter",
                "%s: r %d, alpha %s%s, %s weights, on %d layers: %s"
                        .formatted(
                                folder,
                                lora.r(),
                                String.valueOf(lora.alpha()).replaceFirst("\\.0$", ""),
                                lora.useRslora() ? ", rslora" : "",
                                Report.count(stored.weights()),
                                stored.modules().size(),
                                String.join(", ", stored.shortNames())));
        if (!lora.saved().names().isEmpty()) {
            report.line(
                    "", "trained as a whole: " + String.join(", ", lora.saved().names()));
        }
    }

    private static void weights(ModelDirectory model, ModelConfig config, Head head, Report report) {
        try (TensorReader weights = model.openWeights()) {
            Set<String> types = new TreeSet<>();
            long elements = 0;
            for (String name : weights.names()) {
                types.add(weights.dtype(name));
                elements += weights.elements(name);
            }
            report.line("files", Report.count(elements) + " numbers, " + String.join(" and ", types));
            WeightCheck.check(weights, model.path(), config, Set.of(head));
        } catch (UserError e) {
            report.warning(e);
        }
    }

    private static void tokenizer(ModelDirectory model, ModelConfig config, Report report) {
        if (!model.hasTokenizer()) {
            report.line("tokenizer", "none");
            return;
        }
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model.path())) {
            new SpecialTokens(tokenizer, config).describe(report);
            new Template(tokenizer, model.path()).describe(report);
            EndTokens.check(model, config, tokenizer, report);
        } catch (UserError e) {
            report.warning(e);
        }
    }
}
