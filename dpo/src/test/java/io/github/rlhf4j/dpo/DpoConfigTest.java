package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DpoConfigTest {
    private static final Set<String> WITHOUT_DEFAULT = Set.of(
            "model",
            "dataset",
            "eval_dataset",
            "apply_chat_template",
            "ref_model",
            "ref_model_mixup_alpha",
            "ref_model_sync_steps",
            "loss_weights",
            "ld_alpha",
            "router_aux_loss_coef",
            "adapter",
            "data_seed",
            "loss_keys");

    @Test
    void everyOtherKeyHasADefaultAndEveryDefaultAKey() throws IOException {
        Set<String> expected = keys(DpoConfig.class);
        expected.removeAll(WITHOUT_DEFAULT);

        assertThat(defaults("dpo")).isEqualTo(expected);
    }

    @Test
    void everyKeyOfKtoWithoutADefaultIsAPath() throws IOException {
        Set<String> expected = keys(KtoConfig.class);
        expected.removeAll(Set.of(
                "model",
                "dataset",
                "eval_dataset",
                "apply_chat_template",
                "data_seed",
                "router_aux_loss_coef",
                "adapter",
                "ref_model",
                "ref_model_mixup_alpha",
                "ref_model_sync_steps"));

        assertThat(defaults("kto")).isEqualTo(expected);
    }

    @Test
    void namesTheKeyTheValueAndTheRange() {
        assertThatThrownBy(() -> config(-1, false, true)).hasMessage("beta must be finite and > 0, but is -1.0");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.LABEL_SMOOTHING, 1.0))
                .hasMessage("label_smoothing must be in [0, 1), but is 1.0");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.F_DIVERGENCE_TYPE, "kl"))
                .hasMessage("f_divergence_type must be one of reverse_kl, forward_kl, js_divergence, alpha_divergence,"
                        + " but is kl");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.F_ALPHA_DIVERGENCE_COEF, 0.3))
                .hasMessage("f_alpha_divergence_coef does nothing without f_divergence_type: alpha_divergence,"
                        + " so must be left out, but is 0.3");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.SIMPO_GAMMA, Double.NaN))
                .hasMessage("simpo_gamma must be finite, but is NaN");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.CPO_ALPHA, -1.0))
                .hasMessage("cpo_alpha must be finite and >= 0, but is -1.0");
        assertThatThrownBy(() -> GivenKeys.NONE.with(PreferenceLosses.DISCOPOP_TAU, 0.0))
                .hasMessage("discopop_tau must be finite and > 0, but is 0.0");
        assertThatThrownBy(() -> config(0.1, true, true))
                .hasMessageContaining("precompute_ref_log_probs must be false with sync_ref_model");
        assertThatThrownBy(() -> new ReferenceConfig(
                        Optional.empty(), true, false, OptionalDouble.of(0.6), OptionalLong.empty()))
                .hasMessage(
                        "ref_model_mixup_alpha does nothing without sync_ref_model: true, so must be left out, but is 0.6");
        assertThatThrownBy(() -> new ReferenceConfig(
                        Optional.empty(), true, false, OptionalDouble.empty(), OptionalLong.of(512)))
                .hasMessageContaining("ref_model_sync_steps does nothing without sync_ref_model");
        assertThatThrownBy(() -> new ReferenceConfig(
                        Optional.empty(), false, true, OptionalDouble.of(1.5), OptionalLong.empty()))
                .hasMessageContaining("ref_model_mixup_alpha must be in (0, 1]");
        assertThatThrownBy(() -> config(0.1, false, false)).hasMessageContaining("disable_dropout must be true");
        assertThatThrownBy(() -> new RouterConfig(OptionalDouble.of(-1)))
                .hasMessage("router_aux_loss_coef must be finite and >= 0, but is -1.0");
    }

    @Test
    void absentKeysOfSingleLossesMeanTheirDocumentedValues() {
        LossOptions options = LossOptions.of(0.3);

        assertThat(options.get(PreferenceLosses.LABEL_SMOOTHING)).isZero();
        assertThat(options.get(PreferenceLosses.F_DIVERGENCE_TYPE)).isEqualTo("reverse_kl");
        assertThat(options.get(PreferenceLosses.F_ALPHA_DIVERGENCE_COEF)).isEqualTo(0.5);
        assertThat(options.get(PreferenceLosses.IPO_LENGTH)).isEqualTo(IpoLength.TOKEN);
        assertThat(options.get(PreferenceLosses.SIMPO_GAMMA)).isEqualTo(0.5);
        assertThat(options.get(PreferenceLosses.CPO_ALPHA)).isEqualTo(1);
        assertThat(options.get(PreferenceLosses.DISCOPOP_TAU)).isEqualTo(0.05);
    }

    @Test
    void absentWeightsAreOneAndTheReferenceIsTheModel() {
        DpoConfig config = config(0.3, false, true);

        assertThat(config.weights()).containsExactly(1.0);
        assertThat(config.reference().isStart(config.model())).isTrue();
    }

    private static final ModelReference SFT = new ModelReference("sft", Path.of("sft"));
    private static final ModelReference BASE = new ModelReference("base", Path.of("base"));

    @Test
    void everyMethodOfTheBuilderSetsItsKey() {
        DpoConfig config = DpoConfig.builder(BASE, DatasetSpec.of("pairs.jsonl"))
                .model(SFT)
                .lossType("sigmoid", "ipo")
                .lossWeights(List.of(0.5, 2.0))
                .beta(0.2)
                .set(PreferenceLosses.LABEL_SMOOTHING, 0.1)
                .useWeighting(true)
                .ldAlpha(0.5)
                .refModel(BASE)
                .precomputeRefLogProbs(false)
                .syncRefModel(true)
                .refModelMixupAlpha(0.7)
                .refModelSyncSteps(9)
                .routerAuxLossCoef(0.01)
                .parts(ReplicasConfig.shards(2))
                .data(keys -> keys.maxLength(99))
                .training(keys -> keys.batchSize(3))
                .build();

        assertThat(config)
                .isEqualTo(new DpoConfig(
                        SFT,
                        DataConfig.builder(DatasetSpec.of("pairs.jsonl"))
                                .maxLength(99)
                                .build(),
                        new ReferenceConfig(Optional.of(BASE), false, true, OptionalDouble.of(0.7), OptionalLong.of(9)),
                        List.of("sigmoid", "ipo"),
                        List.of(0.5, 2.0),
                        new RouterConfig(OptionalDouble.of(0.01)),
                        ReplicasConfig.shards(2),
                        TuningConfig.NONE,
                        new WeightingConfig(true, OptionalDouble.of(0.5)),
                        0.2,
                        GivenKeys.NONE.with(PreferenceLosses.LABEL_SMOOTHING, 0.1),
                        true,
                        TrainingConfig.builder()
                                .learningRate(1e-6)
                                .warmupSteps(0.1)
                                .numTrainEpochs(1)
                                .batchSize(3)
                                .build()));
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void anAdaptersReferenceIsTheModelWithoutItAndCannotFollow() {
        DpoConfigBuilder adapted = DpoConfig.builder(BASE, DatasetSpec.of("pairs.jsonl"))
                .adapter(AdapterConfig.DEFAULT)
                .precomputeRefLogProbs(false);

        assertThat(adapted.build().tuning().adapter()).contains(AdapterConfig.DEFAULT);
        assertThat(adapted.build().toBuilder().build()).isEqualTo(adapted.build());
        assertThatThrownBy(() -> adapted.syncRefModel(true).build())
                .hasMessageContaining("sync_ref_model must be false with an adapter");
    }

    @Test
    void everyMethodOfKtosBuilderSetsItsKey() {
        KtoConfig config = KtoConfig.builder(BASE, DatasetSpec.of("rows.jsonl"))
                .model(SFT)
                .lossType(KtoLossType.APO_ZERO_UNPAIRED)
                .beta(0.2)
                .desirableWeight(1.5)
                .undesirableWeight(0.5)
                .refModel(BASE)
                .precomputeRefLogProbs(true)
                .routerAuxLossCoef(0.01)
                .training(keys -> keys.batchSize(3))
                .build();

        assertThat(config.model()).isEqualTo(SFT);
        assertThat(config.lossType()).isEqualTo(KtoLossType.APO_ZERO_UNPAIRED);
        assertThat(List.of(config.beta(), config.desirableWeight(), config.undesirableWeight()))
                .containsExactly(0.2, 1.5, 0.5);
        assertThat(config.reference())
                .isEqualTo(new ReferenceConfig(
                        Optional.of(BASE), true, false, OptionalDouble.empty(), OptionalLong.empty()));
        assertThat(config.routers().routerAuxLossCoef()).hasValue(0.01);
        assertThat(config.training().batchSize()).isEqualTo(3);
        assertThat(config.toBuilder().build()).isEqualTo(config);
    }

    @Test
    void ktoNamesTheKeyTheValueAndTheRange() {
        KtoConfig kto = KtoConfig.builder(SFT, DatasetSpec.of("rows.jsonl")).build();

        assertThatThrownBy(() -> kto.toBuilder().beta(0).build()).hasMessage("beta must be finite and > 0, but is 0.0");
        assertThatThrownBy(() -> kto.toBuilder().desirableWeight(-1).build())
                .hasMessage("desirable_weight must be finite and > 0, but is -1.0");
        assertThatThrownBy(() -> kto.toBuilder().undesirableWeight(Double.NaN).build())
                .hasMessage("undesirable_weight must be finite and > 0, but is NaN");
        assertThatThrownBy(() ->
                        kto.toBuilder().training(keys -> keys.batchSize(1)).build())
                .hasMessageStartingWith("batch_size must be > 1 with loss_type: kto");
    }

    private static DpoConfig config(double beta, boolean sync, boolean disableDropout) {
        TrainingConfig training =
                TrainingConfig.of(new LearningRateConfig(1e-6, "linear", 0, 0, Optional.empty()), StepsConfig.of(8, 0));
        DataConfig data = new DataConfig(
                DatasetSpec.of("pairs.jsonl"), Optional.empty(), 0, 0, TruncationMode.PROMPT_LEFT, false);
        return new DpoConfig(
                new ModelReference("sft", Path.of("sft")),
                data,
                new ReferenceConfig(Optional.empty(), true, sync, OptionalDouble.empty(), OptionalLong.empty()),
                List.of("sigmoid"),
                List.of(),
                RouterConfig.NONE,
                ReplicasConfig.NONE,
                TuningConfig.NONE,
                WeightingConfig.NONE,
                beta,
                GivenKeys.NONE,
                disableDropout,
                training);
    }

    /** Keys that every training stage has and that mean something only where they are given. */
    private static boolean isOptionalOfEveryStage(Class<?> record, RecordComponent component) {
        return record.getPackage().equals(TrainingConfig.class.getPackage())
                && component.getType().getSimpleName().startsWith("Optional");
    }

    private static Set<String> keys(Class<?> record) {
        Set<String> keys = new TreeSet<>();
        for (RecordComponent component : record.getRecordComponents()) {
            if (ConfigGroup.class.isAssignableFrom(component.getType())) {
                keys.addAll(keys(component.getType()));
            } else if (!isOptionalOfEveryStage(record, component)) {
                keys.add(component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
            }
        }
        return keys;
    }

    private static Set<String> defaults(String type) throws IOException {
        Set<String> keys = new TreeSet<>();
        try (InputStream file = Objects.requireNonNull(DpoConfig.class.getResourceAsStream(type + "-defaults.yaml"))) {
            new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> keys.add(line.substring(0, line.indexOf(':'))));
        }
        return keys;
    }
}
