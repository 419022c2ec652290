package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.tensor.Tensor;

/**
 * The maximal-update parametrisation, with which the best learning rate of a small model is that of a wide one (Yang et al. 2022, Tensor Programs V, arXiv:2203.03466, Table 8, for Adam). With m, the model's width over that of
 * the base:
 *
 * <pre>
 *                              first weights       learning rate      in the paper
 *   embedding, language head   as ever             as ever            logits are divided by m
 *   last norm                  1 / m               1 / m              1, as ever: it holds the division of the logits
 *   other norms                as ever             as ever
 *   matrices of layers         1 / sqrt(m)         1 / m
 *   router                     1 / m               1 / m              an output: logits are divided by m
 *   queries, besides           sqrt(Db / D)        sqrt(Db / D)       attention by sqrt(Db) / D instead of 1 / sqrt(D); Db is the base's size of a head, D the model's
 * </pre>
 *
 * <p>Factors that the paper puts into the forward pass are in weights here, with learning rates that make every update the same: Adam's does not depend on the size of gradients. So the model is an ordinary one for all programs, and may have one
 * matrix for embedding and head. A weight's decay per step does not depend on m, as in Microsoft's MuAdamW. At the base's width everything is as without.
 *
 * @param width m, > 0
 * @param queries sqrt(Db / D), > 0
 */
public record MaximalUpdate(double width, double queries) {
    /** Of a model of a shape: of form Llama, that is, with a part for queries alone. */
    public static MaximalUpdate of(ModelConfig config, int baseHiddenSize, int baseHeadDim) {
        return new MaximalUpdate(
                (double) config.hiddenSize() / baseHiddenSize, Math.sqrt((double) baseHeadDim / config.headDim()));
    }

    /** Makes the fresh weights of a model those of this parametrisation. */
    public void scale(Transformer model) {
        for (Parameter parameter : model.parameters().all()) {
            double factor = initFactor(parameter);
            if (factor != 1) {
                scale(parameter.value(), factor);
            }
        }
    }

    private static void scale(Tensor value, double factor) {
        for (int row = 0; row < value.rows(); row++) {
            for (int column = 0; column < value.columns(); column++) {
                value.set(row, column, factor * value.get(row, column));
            }
        }
    }

    /** What a fresh weight is multiplied by. */
    double initFactor(Parameter parameter) {
        return switch (kind(parameter)) {
            case AS_EVER -> 1;
            case OUTPUT -> 1 / width;
            case HIDDEN -> 1 / Math.sqrt(width);
            case QUERIES -> queries / Math.sqrt(width);
        };
    }

    /** What the learning rate of a weight is multiplied by. */
    public double rateFactor(Parameter parameter) {
        return switch (kind(parameter)) {
            case AS_EVER -> 1;
            case OUTPUT, HIDDEN -> 1 / width;
            case QUERIES -> queries / width;
        };
    }

    private enum Kind {
        AS_EVER,
        OUTPUT,
        HIDDEN,
        QUERIES
    }

    private static Kind kind(Parameter parameter) {
        ParameterLayout.Matrix matrix = parameter.owner().matrix();
        String key = matrix.key();
        if (key.equals(ParameterLayout.FINAL_NORM) || key.endsWith(ParameterLayout.ROUTER)) {
            return Kind.OUTPUT;
        }
        if (matrix.vector() || key.equals(ParameterLayout.EMBEDDING) || key.equals(ParameterLayout.LANGUAGE_HEAD)) {
            return Kind.AS_EVER;
        }
        return key.endsWith(ParameterLayout.QUERY_KEY_VALUE) && parameter.firstRow() == 0 ? Kind.QUERIES : Kind.HIDDEN;
    }
}
