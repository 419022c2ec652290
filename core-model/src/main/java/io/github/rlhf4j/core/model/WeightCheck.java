package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.TensorReader;
import java.nio.file.Path;
import java.util.Set;

/** Whether weight files are those of a model, by the names and shapes in their headers alone. */
public final class WeightCheck {
    private WeightCheck() {}

    /** @throws UserError where a weight is missing, has another shape, or has no place in the model */
    public static void check(TensorReader weights, Path directory, ModelConfig config, Set<Head> heads) {
        new ParameterFiles(weights, directory, config).check(heads, false);
    }
}
