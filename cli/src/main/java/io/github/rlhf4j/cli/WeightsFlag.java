package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.tensor.WeightType;
import picocli.CommandLine.Option;

/** The option that says in what form generation has a model's weights. */
final class WeightsFlag {
    @Option(
            names = "--weights",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "What generation multiplies by: float32, bfloat16 or int8 (${DEFAULT-VALUE}).")
    private WeightType weights = WeightType.FLOAT32;

    /** Tells the model, before it has generated. */
    LanguageModel apply(LanguageModel model) {
        model.transformer().generateWith(weights);
        return model;
    }

    WeightType type() {
        return weights;
    }
}
