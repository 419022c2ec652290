package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.ModelConfig;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How first weights and learning rates depend on a new model's width. Names of the keys as in Cerebras's model zoo.
 *
 * @param parametrization standard or mup
 * @param mupBaseHiddenSize the width at which mup is standard: that of the model whose learning rate was tuned
 * @param mupBaseHeadDim size of that model's heads; absent: the same as this one's, so that wider models have more heads
 */
public record ParametrizationConfig(
        Parametrization parametrization, OptionalInt mupBaseHiddenSize, OptionalInt mupBaseHeadDim)
        implements ConfigGroup {
    private static final String BASE = "mup_base_hidden_size";
    private static final String HEADS = "mup_base_head_dim";

    /** Standard. */
    public static final ParametrizationConfig STANDARD =
            new ParametrizationConfig(Parametrization.STANDARD, OptionalInt.empty(), OptionalInt.empty());

    /** The choices. */
    public enum Parametrization {
        /** First weights and learning rate do not depend on the width. */
        STANDARD,
        /** {@link MaximalUpdate}. */
        MUP
    }

    public ParametrizationConfig {
        boolean mup = parametrization == Parametrization.MUP;
        checkConfig(
                mup == mupBaseHiddenSize.isPresent(),
                BASE,
                mup ? "missing" : "given with parametrization: standard",
                "must be given with parametrization: mup and only with it");
        checkConfig(
                mup || mupBaseHeadDim.isEmpty(),
                HEADS,
                "given with parametrization: standard",
                "must be left out without parametrization: mup");
        checkConfig(mupBaseHiddenSize.orElse(1) >= 1, BASE, mupBaseHiddenSize.orElse(1), "must be >= 1");
        checkConfig(mupBaseHeadDim.orElse(1) >= 1, HEADS, mupBaseHeadDim.orElse(1), "must be >= 1");
    }

    /** {@link MaximalUpdate} with a base of that width and with heads of the model's own size. */
    public static ParametrizationConfig mup(int baseHiddenSize) {
        return new ParametrizationConfig(Parametrization.MUP, OptionalInt.of(baseHiddenSize), OptionalInt.empty());
    }

    /** For a model of a shape; empty where it is standard. */
    public Optional<MaximalUpdate> of(ModelConfig shape) {
        return parametrization == Parametrization.STANDARD
                ? Optional.empty()
                : Optional.of(MaximalUpdate.of(
                        shape, mupBaseHiddenSize.orElseThrow(), mupBaseHeadDim.orElse(shape.headDim())));
    }
}
