package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.LoraVariant;
import java.util.OptionalDouble;

/**
 * What an adapter has other than the paper's, under the keys of {@link AdapterConfig}.
 *
 * @param dropout on what A multiplies; default 0
 */
public record AdapterVariantConfig(OptionalDouble dropout) implements ConfigGroup {
    /** Nothing. */
    public static final AdapterVariantConfig PLAIN = new AdapterVariantConfig(OptionalDouble.empty());

    public AdapterVariantConfig {
        double rate = dropout.orElse(0);
        checkConfig(rate == 0, "dropout", rate, "must be 0");
    }

    LoraVariant variant() {
        return new LoraVariant(dropout.orElse(0));
    }
}
