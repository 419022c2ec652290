package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tensor.Tensor;

/** Says why a model's outputs are not finite. */
final class NotFinite {
    private static final String CONFIG = "config.json";

    private NotFinite() {}

    static UserError explain(String source, ParameterStore parameters) {
        String model = source.endsWith(CONFIG) && source.length() > CONFIG.length()
                ? source.substring(0, source.length() - CONFIG.length() - 1)
                : "the model";
        for (Parameter parameter : parameters.all()) {
            long count =
                    parameter.compact().isPresent() ? 0 : count(parameter.value()); // compact: checked when it was read
            if (count > 0) {
                return new UserError(
                        "%s has weights that are not finite: %,d of %,d numbers of %s; it has diverged, so go back to an earlier checkpoint"
                                .formatted(model, count, parameter.size(), parameter.name()));
            }
        }
        return new UserError(
                model + " computes numbers that are not finite, though its weights are finite: they are too"
                        + " large, so go back to an earlier checkpoint");
    }

    private static long count(Tensor value) {
        long count = 0;
        for (int i = 0; i < value.rows(); i++) {
            for (int j = 0; j < value.columns(); j++) {
                count += Double.isFinite(value.get(i, j)) ? 0 : 1;
            }
        }
        return count;
    }
}
