package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.Tensor;

/** Draws weights as transformers does: normal with the model's initializer_range; norms 1; biases 0; the scalar head with 1 / sqrt(C + 1). An adapter's as peft does. */
final class WeightInitializer {
    private WeightInitializer() {}

    /** Each weight is a function of its name, its index and {@code random} alone. */
    static void draw(ParameterStore store, ModelConfig config, CounterRandom random) {
        store.fused().forEach(fused -> draw(fused, config, random));
    }

    static void draw(FusedParameter fused, ModelConfig config, CounterRandom random) {
        switch (fused.matrix().start()) {
            case ZEROS -> fill(fused.value(), 0);
            case ELSEWHERE -> {
                // filled by whoever made the matrix
            }
            case ONES -> fill(fused.value(), 1);
            case UNIFORM -> fused.parts().forEach(part -> uniform(part, random));
            case NORMAL_BY_ROWS ->
                fused.parts().forEach(part -> normal(part, 1.0 / part.value().rows(), random));
            case NORMAL -> fused.parts().forEach(part -> normal(part, config.initializerRange(), random));
            case SCORE -> fused.parts().forEach(part -> normal(part, 1 / Math.sqrt(config.hiddenSize() + 1.0), random));
        }
    }

    private static void fill(Tensor value, double with) {
        for (int row = 0; row < value.rows(); row++) {
            for (int column = 0; column < value.columns(); column++) {
                value.set(row, column, with);
            }
        }
    }

    /** PyTorch's kaiming_uniform_ with a = sqrt(5), as of its linear layers: within 1 / sqrt(inputs). */
    private static void uniform(Parameter parameter, CounterRandom random) {
        CounterRandom own = random.derive(parameter.name());
        Tensor value = parameter.value();
        double bound = 1 / Math.sqrt(value.columns());
        for (int row = 0; row < value.rows(); row++) {
            for (int column = 0; column < value.columns(); column++) {
                long index = (long) row * value.columns() + column;
                value.set(row, column, bound * (2 * own.uniform(index) - 1));
            }
        }
    }

    private static void normal(Parameter parameter, double standardDeviation, CounterRandom random) {
        CounterRandom own = random.derive(parameter.name());
        Tensor value = parameter.value();
        for (int row = 0; row < value.rows(); row++) {
            for (int column = 0; column < value.columns(); column++) {
                long index = (long) row * value.columns() + column;
                value.set(row, column, standardDeviation * own.gaussian(index));
            }
        }
    }
}
