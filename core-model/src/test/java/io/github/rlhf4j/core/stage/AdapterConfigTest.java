package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.model.LoraVariant;
import io.github.rlhf4j.core.model.SavedModules;
import io.github.rlhf4j.core.model.StoredAdapter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AdapterConfigTest {
    private static final StoredAdapter STORED = new StoredAdapter(
            new LoraConfig(
                    4,
                    8,
                    false,
                    Optional.empty(),
                    new LoraVariant(0.1, false, LoraInit.TRUE),
                    new SavedModules(List.of("lm_head"), false)),
            Set.of("q_proj"),
            100,
            Set.of("q_proj", "v_proj"));

    private static AdapterConfig with(AdapterVariantConfig variant, SavedModulesConfig saved) {
        return new AdapterConfig(
                OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), List.of(), variant, saved);
    }

    private static AdapterConfig with(OptionalDouble dropout, Optional<Boolean> useDora, Optional<LoraInit> init) {
        return with(new AdapterVariantConfig(dropout, useDora, init), SavedModulesConfig.NONE);
    }

    @Test
    void aKeyThatSaysSomethingElseThanAStoredAdapterIsNamed() {
        assertThat(with(OptionalDouble.of(0.1), Optional.of(false), Optional.empty())
                        .differenceFrom(STORED))
                .isEmpty();
        assertThat(with(OptionalDouble.of(0.2), Optional.empty(), Optional.empty())
                        .differenceFrom(STORED))
                .contains("adapter.dropout is 0.2, but 0.1");
        assertThat(with(OptionalDouble.empty(), Optional.of(true), Optional.empty())
                        .differenceFrom(STORED))
                .contains("adapter.use_dora is true, but false");
        assertThat(with(OptionalDouble.empty(), Optional.empty(), Optional.of(LoraInit.PISSA))
                        .differenceFrom(STORED))
                .contains("adapter.init is pissa, but nothing begins any more");
        assertThat(with(AdapterVariantConfig.PLAIN, new SavedModulesConfig(List.of(), Optional.of(true)))
                        .differenceFrom(STORED))
                .contains("adapter.ensure_weight_tying is true, but false");
    }

    @Test
    void whatIsOutOfRangeIsNamed() {
        assertThatThrownBy(() -> with(OptionalDouble.of(1), Optional.empty(), Optional.empty()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("dropout must be in [0, 1), but is 1.0");
        assertThatThrownBy(() -> SavedModulesConfig.of("lm_head.*"))
                .hasMessageContaining("modules_to_save must be names of modules such as lm_head, but is lm_head.*");
    }
}
