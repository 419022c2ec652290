package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.tokens.TokenizedPack;
import io.github.rlhf4j.datasets.training.ExampleKind;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether sequences share examples, with TRL's names.
 *
 * @param packing of the training data
 * @param packingStrategy how
 * @param evalPacking of the evaluation data; absent: as packing
 */
public record PackingConfig(boolean packing, PackingStrategy packingStrategy, Optional<Boolean> evalPacking)
        implements ConfigGroup {
    /** Each sequence is an example. */
    public static final PackingConfig NONE = new PackingConfig(false, PackingStrategy.BFD, Optional.empty());

    public PackingConfig {
        checkConfig(
                packing || evalPacking.orElse(false) || packingStrategy == PackingStrategy.BFD,
                "packing_strategy",
                packingStrategy.name().toLowerCase(Locale.ROOT),
                "does nothing without packing: true, so must be left out");
    }

    ExampleKind<DataRecord, TokenizedPack> kind(boolean packs) {
        return ExampleKind.packs(Optional.of(packingStrategy).filter(strategy -> packs));
    }

    /** Of the evaluation data. */
    boolean packsEval() {
        return evalPacking.orElse(packing);
    }
}
