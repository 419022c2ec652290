package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreferenceLossesTest {
    @Test
    void hasEveryLossOfTheTable() {
        assertThat(PreferenceLosses.builtIn().keySet())
                .contains(
                        "sigmoid",
                        "hinge",
                        "ipo",
                        "robust",
                        "exo_pair",
                        "nca_pair",
                        "bco_pair",
                        "sppo_hard",
                        "aot",
                        "apo_zero",
                        "apo_down",
                        "discopop",
                        "sigmoid_norm",
                        "sft",
                        "orpo",
                        "simpo",
                        "cpo");
    }

    @Test
    void everyKeyOfALossIsAnOptionalKey() {
        PreferenceLosses.builtIn()
                .values()
                .forEach(factory -> assertThat(PreferenceLosses.OPTIONAL_KEYS).containsAll(factory.keys()));
    }

    @Test
    void aKeyThatNoLossReadsIsInert() {
        assertThat(PreferenceLosses.inertKeys(losses("hinge"), Set.of("beta", "label_smoothing", "max_steps")))
                .containsExactly(
                        "label_smoothing has no effect with loss_type hinge; remove it or choose a loss that uses it");
    }

    @Test
    void aKeyThatOneOfSeveralLossesReadsIsNotInert() {
        assertThat(PreferenceLosses.inertKeys(losses("hinge", "robust"), Set.of("label_smoothing")))
                .isEmpty();
    }

    @Test
    void aDivergenceMustBeHonouredByEveryLossWithAReference() {
        Set<String> given = Set.of("f_divergence_type");

        assertThat(PreferenceLosses.inertKeys(losses("sigmoid", "sft"), given)).isEmpty();
        assertThat(PreferenceLosses.inertKeys(losses("sft"), given)).hasSize(1);
        assertThat(PreferenceLosses.inertKeys(losses("sigmoid", "bco_pair"), given))
                .singleElement()
                .asString()
                .contains("f_divergence_type")
                .contains("bco_pair")
                .doesNotContain("sigmoid");
    }

    @Test
    void refusesSmoothingOutsideOfWhatALossAllows() {
        assertThatThrownBy(() -> Pairs.loss("robust", Pairs.options(0.1, 0.5)))
                .hasMessage("label_smoothing must be in [0, 0.5), but is 0.5");
        assertThatThrownBy(() -> Pairs.loss("exo_pair", Pairs.options(0.1, 0)))
                .hasMessage("label_smoothing must be in (0, 1), but is 0.0");
        assertThatThrownBy(() -> Pairs.options(0, 0)).hasMessage("beta must be finite and > 0, but is 0.0");
        assertThatThrownBy(() -> Pairs.options(0.1, 1)).hasMessage("label_smoothing must be in [0, 1), but is 1.0");
    }

    @Test
    void refusesADivergenceWithoutName() {
        assertThatThrownBy(() -> FDivergence.of("kl", 0.5))
                .hasMessageContaining("f_divergence_type")
                .hasMessageContaining("kl");
    }

    @Test
    void refusesAMixtureWithoutAWeightForEachLoss() {
        List<PreferenceLoss> one = List.of(new SftLoss());

        assertThatThrownBy(() -> PreferenceLosses.mixture(one, List.of(1.0, 2.0)))
                .hasMessageContaining("loss_weights");
    }

    @Test
    void aMixtureIsSeparableOnlyWhereAllPartsAre() {
        PreferenceLoss hinge = Pairs.loss("hinge", Pairs.options(0.1, 0));
        PreferenceLoss bco = Pairs.loss("bco_pair", Pairs.options(0.1, 0));

        assertThat(PreferenceLosses.mixture(List.of(hinge, bco), List.of(1.0, 2.0))
                        .separable())
                .isTrue();
        assertThat(PreferenceLosses.mixture(List.of(hinge, new SftLoss()), List.of(1.0, 2.0))
                        .separable())
                .isFalse();
    }

    @Test
    void rewardsAreLogRatiosOrMeansOrSumsAsTheLossCompares() {
        LossOptions options = Pairs.options(0.1, 0);

        assertThat(Pairs.loss("sigmoid", options).impliedReward(-12, -10, 4)).isEqualTo(-2);
        assertThat(Pairs.loss("orpo", options).impliedReward(-12, 0, 4)).isEqualTo(-3);
        assertThat(Pairs.loss("simpo", options).impliedReward(-12, 0, 4)).isEqualTo(-3);
        assertThat(Pairs.loss("cpo", options).impliedReward(-12, 0, 4)).isEqualTo(-12);
    }

    private static Map<String, PreferenceLossFactory> losses(String... names) {
        Map<String, PreferenceLossFactory> chosen = new LinkedHashMap<>();
        for (String name : names) {
            chosen.put(name, PreferenceLosses.builtIn().get(name));
        }
        return chosen;
    }
}
