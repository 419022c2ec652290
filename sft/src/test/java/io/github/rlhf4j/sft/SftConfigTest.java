package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.sft.SftLossConfig.LossType;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SftConfigTest {
    private static final Set<String> ABSENT = Set.of("model", "dataset", "lrSchedulerKwargs");

    @Test
    void everyKeyThatMustHaveAValueHasADefaultButModelAndDataset() throws IOException {
        assertThat(defaults("sft")).isEqualTo(needed(SftConfig.class));
        assertThat(defaults("pretrain")).isEqualTo(needed(PretrainConfig.class));
    }

    @Test
    void namesTheKeyTheValueAndTheRange() {
        assertThatThrownBy(() -> new SftLossConfig(LossType.NLL, 1, 0, 0))
                .hasMessage("label_smoothing_factor must be in [0, 1), but is 1.0");
        assertThatThrownBy(() -> new SftLossConfig(LossType.DFT, 0.1, 0, 0))
                .hasMessageContaining("label_smoothing_factor does nothing with loss_type: dft");
        assertThatThrownBy(() -> new SftLossConfig(LossType.NLL, 0, -1, 0))
                .hasMessageContaining("neftune_noise_alpha must be finite and > 0, or 0 for none, but is -1.0");
        assertThatThrownBy(() -> new SftLossConfig(LossType.NLL, 0, 0, 1))
                .hasMessage("dropout must be in [0, 1), but is 1.0");
        assertThatThrownBy(() -> new PackingConfig(false, PackingStrategy.WRAPPED, Optional.empty()))
                .hasMessageContaining("packing_strategy does nothing without packing: true");
    }

    @Test
    void keysOfPackingThatDoNothingAreErrors() {
        SftConfigBuilder noEval = builder().packing(true).evalPacking(false);
        assertThatThrownBy(noEval::build).hasMessageContaining("eval_packing does nothing");
        SftConfigBuilder cut = builder()
                .packing(true)
                .packingStrategy(PackingStrategy.WRAPPED)
                .data(data -> data.truncationMode(TruncationMode.DROP));
        assertThatThrownBy(cut::build)
                .hasMessageContaining("truncation_mode does nothing with packing_strategy: wrapped");
    }

    private static SftConfigBuilder builder() {
        return SftConfig.builder(new ModelReference("model", Path.of("model")), DatasetSpec.of("rows.jsonl"));
    }

    /** Keys that are not optional. */
    private static Set<String> needed(Class<?> config) {
        Set<String> keys = new TreeSet<>();
        for (RecordComponent component : config.getRecordComponents()) {
            Class<?> type = component.getType();
            if (ConfigGroup.class.isAssignableFrom(type)) {
                keys.addAll(needed(type));
            } else if (!type.getSimpleName().startsWith("Optional") && !ABSENT.contains(component.getName())) {
                keys.add(component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
            }
        }
        return keys;
    }

    private static Set<String> defaults(String type) throws IOException {
        Set<String> keys = new TreeSet<>();
        try (InputStream in = Objects.requireNonNull(SftTrainer.class.getResourceAsStream(type + "-defaults.yaml"))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.contains(":") && !line.startsWith("#"))
                    .forEach(line -> keys.add(line.substring(0, line.indexOf(':'))));
        }
        return keys;
    }
}
