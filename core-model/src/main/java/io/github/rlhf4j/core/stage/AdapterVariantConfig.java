package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.model.LoraVariant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an adapter has other than the paper's, under the keys of {@link AdapterConfig}.
 *
 * @param dropout on what A multiplies; default 0
 * @param useDora whether the lengths of the rows are trained apart (DoRA); default false
 * @param init how A and B begin; default true, as in the paper
 */
public record AdapterVariantConfig(OptionalDouble dropout, Optional<Boolean> useDora, Optional<LoraInit> init)
        implements ConfigGroup {
    /** Nothing. */
    public static final AdapterVariantConfig PLAIN =
            new AdapterVariantConfig(OptionalDouble.empty(), Optional.empty(), Optional.empty());

    public AdapterVariantConfig {
        double rate = dropout.orElse(0);
        checkConfig(rate >= 0 && rate < 1, "dropout", rate, "must be in [0, 1)");
    }

    LoraVariant variant() {
        return new LoraVariant(dropout.orElse(0), useDora.orElse(false), init.orElse(LoraInit.TRUE));
    }
}
