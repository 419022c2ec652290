package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.pipeline.config.AdaptedModel;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import java.nio.file.Path;
import java.util.Optional;

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

    /** What a key of a stage is for. */
    private enum Wanted {
        LANGUAGE,
        REWARD,
        EITHER;

        static Optional<Wanted> of(String type, String key) {
            return switch (key) {
                case "model" -> Optional.of(type.equals("reward") ? EITHER : LANGUAGE);
                case "models", "ref_model" -> Optional.of(LANGUAGE);
                case "reward_model" -> Optional.of(REWARD);
                case "value_model" -> Optional.of(EITHER);
                default -> Optional.empty();
            };
        }

        boolean fits(boolean isReward) {
            return this == EITHER || isReward == (this == REWARD);
        }
    }

    void check(ConfigValue.Entries keys) {
        keys.entries().forEach((key, value) -> Wanted.of(type, key).ifPresent(wanted -> check(key, value, wanted)));
    }

    private void check(String key, ConfigValue value, Wanted wanted) {
        if (value instanceof ConfigValue.Items items) {
            items.items().forEach(item -> checkOne(key, item, wanted));
        } else if (value instanceof ConfigValue.Entries named && key.equals("models")) {
            named.entries().values().forEach(item -> checkOne(key, item, wanted));
        } else {
            checkOne(key, value, wanted);
        }
    }

    private void checkOne(String key, ConfigValue value, Wanted wanted) {
        Optional<AdaptedModel> adapted =
                value instanceof ConfigValue.Entries map ? AdaptedModel.of(map) : Optional.empty();
        try {
            if (adapted.isPresent()) {
                Optional<Boolean> base = isReward(key, adapted.get().base().text());
                String adapter = adapted.get().adapter().text();
                requireFitting(key, adapter, isRewardAdapter(adapter).or(() -> base), wanted, value);
            } else if (value instanceof ConfigValue.Scalar scalar) {
                requireFitting(key, scalar.text(), isReward(key, scalar.text()), wanted, value);
            }
        } catch (UserError e) {
            problems.add("%s.%s: %s (%s)".formatted(stage, key, e.getMessage(), value.origin()));
        }
    }

    private void requireFitting(
            String key, String given, Optional<Boolean> isReward, Wanted wanted, ConfigValue value) {
        isReward.filter(is -> !wanted.fits(is))
                .ifPresent(is -> problems.add("%s.%s must be a %s model, but %s is a %s model (%s)"
                        .formatted(
                                stage,
                                key,
                                is ? "language" : "reward",
                                given,
                                is ? "reward" : "language",
                                value.origin())));
    }

    /** Of a stage its type tells, of a folder the task that peft writes; empty where neither does. */
    private Optional<Boolean> isRewardAdapter(String given) {
        Optional<Boolean> ofStage = inputs.isRewardOfStage(given);
        if (ofStage.isPresent() || inputs.isOfUnknownType(given)) {
            return ofStage;
        }
        return AdapterDirectory.open(Path.of(given)).isRewardModel();
    }

    /** Of a stage its type tells; of a folder its config.json, which is then checked with the weights' headers. */
    private Optional<Boolean> isReward(String key, String given) {
        if (inputs.isOfUnknownType(given)) {
            return Optional.empty();
        }
        Optional<Boolean> ofStage = inputs.isRewardOfStage(given);
        return ofStage.isPresent() ? ofStage : Optional.of(isReward(key, Path.of(given)));
    }

    private boolean isReward(String key, Path folder) {
        ModelDirectory model = ModelDirectory.open(folder);
        ModelConfig.from(model.config());
        try (SafetensorsReader weights = model.openWeights()) {
            if (weights.names().isEmpty()) {
                throw new UserError("has no weights in " + folder);
            }
        }
        if (key.startsWith("model") || model.hasTokenizer()) { // the others can do without one
            outlines.ofFolder(folder);
        }
        return model.config().isRewardModel();
    }
}
