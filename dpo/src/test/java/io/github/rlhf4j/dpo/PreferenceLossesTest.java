package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.stage.ConfigKey;
import java.util.List;
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
    void itsKeysAreThoseOfTheDocumentationEachDeclaredOnce() {
        assertThat(new LossSelection(PreferenceLosses.builtIn())
                        .keys().stream().map(ConfigKey::name).toList())
                .containsExactlyInAnyOrder(
                        "label_smoothing",
                        "f_divergence_type",
                        "f_alpha_divergence_coef",
                        "ipo_length",
                        "simpo_gamma",
                        "cpo_alpha",
                        "discopop_tau");
    }

    @Test
    void aLossReadsTheKeysThatItDeclaresAndNoOther() {
        PreferenceLosses.builtIn()
                .forEach((name, factory) ->
                        factory.create(Pairs.options(0.1, 0.1).declaring(factory.keys())));
        PreferenceLossFactory undeclared = options -> new SimPoLoss(1, options.get(PreferenceLosses.SIMPO_GAMMA));

        assertThatThrownBy(() -> undeclared.create(LossOptions.of(1).declaring(undeclared.keys())))
                .hasMessageContaining("reads the key simpo_gamma, which the keys() of its factory do not name");
    }

    @Test
    void refusesSmoothingOutsideOfWhatALossAllows() {
        assertThatThrownBy(() -> Pairs.loss("robust", Pairs.options(0.1, 0.5)))
                .hasMessage("label_smoothing must be in [0, 0.5), but is 0.5");
        assertThatThrownBy(() -> Pairs.loss("exo_pair", Pairs.options(0.1, 0)))
                .hasMessage("label_smoothing must be in (0, 1), but is 0.0");
        assertThatThrownBy(() -> LossOptions.of(0)).hasMessage("beta must be finite and > 0, but is 0.0");
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
}
