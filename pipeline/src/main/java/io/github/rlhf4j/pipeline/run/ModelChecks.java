package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.gguf.GgufModel;
import io.github.rlhf4j.pipeline.config.AdaptedModel;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks at the models that one stage names, before any stage runs: config.json, the weights' headers, whether the tokenizer fits, and whether the kind is the one that the key is for. */
final class ModelChecks {
    private final String stage;
    private final String type;
    private final ModelInputs inputs;
    private final ModelOutlines outlines;
    private final Problems problems;

    ModelChecks(String stage, String type, ModelInputs inputs, ModelOutlines outlines, Problems problems) {
        this.stage = stage;
        this.type = type;
        this.inputs = inputs;
        this.outlines = outlines;
        this.problems = problems;
    }

    /** The kinds of models that a key of a stage takes, by their heads. */
    private static Optional<Set<Head>> wanted(String type, String key) {
        return switch (key) {
            case "model" -> Optional.of(EnumSet.of(Head.LANGUAGE, ModelInputs.headOfType(type)));
            case "models", "ref_model" -> Optional.of(EnumSet.of(Head.LANGUAGE));
            case "reward_model" -> Optional.of(EnumSet.of(Head.SCALAR));
            case "value_model" -> Optional.of(EnumSet.of(Head.LANGUAGE, Head.SCALAR));
            default -> Optional.empty();
        };
    }

    private static String name(Head head) {
        return switch (head) {
            case LANGUAGE -> "language";
            case SCALAR -> "reward";
            case LABELS -> "process reward";
        };
    }

    void check(ConfigValue.Entries keys) {
        if (keys.entries().get("rewards") instanceof ConfigValue.Items list) {
            list.items().forEach(this::checkReward);
        } else if (keys.entries().get("rewards") instanceof ConfigValue.Entries entry) {
            checkReward(entry);
        }
        keys.entries().forEach((key, value) -> wanted(type, key).ifPresent(wanted -> check(key, value, wanted)));
    }

    private void checkReward(ConfigValue entry) {
        if (entry instanceof ConfigValue.Entries keys && keys.entries().containsKey("model")) {
            check("rewards.model", keys.entries().get("model"), EnumSet.of(Head.SCALAR));
        }
    }

    private void check(String key, ConfigValue value, Set<Head> wanted) {
        if (value instanceof ConfigValue.Items items) {
            items.items().forEach(item -> checkOne(key, item, wanted));
        } else if (value instanceof ConfigValue.Entries named && key.equals("models")) {
            named.entries().values().forEach(item -> checkOne(key, item, wanted));
        } else {
            checkOne(key, value, wanted);
        }
    }

    private void checkOne(String key, ConfigValue value, Set<Head> wanted) {
        Optional<AdaptedModel> adapted =
                value instanceof ConfigValue.Entries map ? AdaptedModel.of(map) : Optional.empty();
        try {
            if (adapted.isPresent()) {
                Optional<Head> base = head(key, adapted.get().base().text());
                String adapter = adapted.get().adapter().text();
                requireFitting(key, adapter, headOfAdapter(adapter).or(() -> base), wanted, value);
            } else if (value instanceof ConfigValue.Scalar scalar) {
                requireFitting(key, scalar.text(), head(key, scalar.text()), wanted, value);
            }
        } catch (UserError e) {
            problems.add("%s.%s: %s (%s)".formatted(stage, key, e.getMessage(), value.origin()));
        }
    }

    private void requireFitting(String key, String given, Optional<Head> head, Set<Head> wanted, ConfigValue value) {
        head.filter(is -> !wanted.contains(is))
                .ifPresent(is -> problems.add("%s.%s must be a %s model, but %s is a %s model (%s)"
                        .formatted(
                                stage,
                                key,
                                wanted.stream().map(ModelChecks::name).collect(Collectors.joining(" or a ")),
                                given,
                                name(is),
                                value.origin())));
    }

    /** Of a stage its type tells, of a folder the task that peft writes; empty where neither does. */
    private Optional<Head> headOfAdapter(String given) {
        Optional<Head> ofStage = inputs.headOfStage(given);
        if (ofStage.isPresent() || inputs.isOfUnknownType(given)) {
            return ofStage;
        }
        return Head.of(AdapterDirectory.open(Path.of(given)));
    }

    /** Of a stage its type tells; of a folder its config.json, which is then checked with the weights' headers. */
    private Optional<Head> head(String key, String given) {
        if (inputs.isOfUnknownType(given)) {
            return Optional.empty();
        }
        Optional<Head> ofStage = inputs.headOfStage(given);
        return ofStage.isPresent() ? ofStage : Optional.of(head(key, Path.of(given)));
    }

    private Head head(String key, Path given) {
        Path folder = GgufModel.isOne(given) ? GgufModel.folder(given) : given;
        ModelDirectory model = ModelDirectory.open(folder);
        ModelConfig.from(model.config());
        try (TensorReader weights = model.openWeights()) {
            if (weights.names().isEmpty()) {
                throw new UserError("has no weights in " + folder);
            }
        }
        if (key.startsWith("model") || model.hasTokenizer()) { // the others can do without one
            outlines.ofFolder(folder);
        }
        return Head.of(model.config());
    }
}
