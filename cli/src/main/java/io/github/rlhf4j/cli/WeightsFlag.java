package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.model.Transformer;
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
        apply(model.transformer());
        return model;
    }

    /** Tells a model that only generates, before it has. */
    void apply(Transformer model) {
        model.generateWith(weights);
        model.keepWeights();
    }
}
