package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.model.StageModel;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads what a planned stage's config says of its model. */
final class StageModels {
    private StageModels() {}

    static StageModel of(PlannedStage stage, ModelConfig model, Optional<StageNeeds> needs) {
        Record config = stage.work().config();
        ConfigValue.Entries keys = stage.effective().entries();
        Optional<TuningConfig> tuning = ConfigInputs.tuning(config);
        return new StageModel(
                stage.name(),
                stage.type(),
                model,
                keys.entries().containsKey("learning_rate"),
                tuning.flatMap(TuningConfig::adapter).map(AdapterConfig::lora),
                tuning.map(TuningConfig::weights).orElse(WeightType.FLOAT32),
                keys.entries().get("gradient_checkpointing") instanceof ConfigValue.Scalar scalar
                        && scalar.text().equals("true"),
                number(keys, "batch_size"),
                number(keys, "max_length"),
                number(keys, "max_steps"),
                number(keys, "micro_batch_tokens"),
                needs.map(its -> OptionalLong.of(its.bytes())).orElse(OptionalLong.empty()));
    }

    private static OptionalLong number(ConfigValue.Entries keys, String key) {
        return keys.entries().get(key) instanceof ConfigValue.Scalar scalar
                        && scalar.text().matches("[1-9][0-9]{0,17}")
                ? OptionalLong.of(Long.parseLong(scalar.text()))
                : OptionalLong.empty();
    }
}
