package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.dpo.PreferenceLosses.LABEL_SMOOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which key belongs to which loss. */
class LossSelectionTest {
    @Test
    void aKeyThatNoLossReadsIsInert() {
        assertThat(inert(Set.of("label_smoothing"), "hinge"))
                .containsExactly(
                        "label_smoothing has no effect with loss_type hinge; remove it or choose a loss that uses it");
        assertThat(inert(Set.of("simpo_gamma", "cpo_alpha"), "hinge", "ipo"))
                .containsExactly(
                        "cpo_alpha has no effect with loss_type hinge, ipo; remove it or choose a loss that uses it",
                        "simpo_gamma has no effect with loss_type hinge, ipo; remove it or choose a loss that uses it");
    }

    @Test
    void aKeyThatOneOfSeveralLossesReadsIsNotInert() {
        assertThat(inert(Set.of("label_smoothing"), "hinge", "robust")).isEmpty();
    }

    @Test
    void aDivergenceMustBeHonouredByEveryLossWithAReference() {
        Set<String> given = Set.of("f_divergence_type");

        assertThat(inert(given, "sigmoid", "sft")).isEmpty();
        assertThat(inert(given, "sigmoid", "simpo")).isEmpty(); // it has none
        assertThat(inert(given, "sft")).hasSize(1);
        assertThat(inert(given, "sigmoid", "bco_pair"))
                .containsExactly(
                        "f_divergence_type has no effect with loss_type bco_pair; remove it or choose a loss that uses it");
    }

    @Test
    void twoLossesThatDeclareOneKeyDifferentlyAreNamed() {
        Map<String, PreferenceLossFactory> bound = new LinkedHashMap<>(PreferenceLosses.builtIn());
        bound.put("mine", PreferenceLossFactory.of(options -> new SftLoss(), LABEL_SMOOTHING));
        assertThat(new LossSelection(bound).keys()).hasSize(7);

        bound.put(
                "other", PreferenceLossFactory.of(options -> new SftLoss(), ConfigKey.number("label_smoothing", 0.1)));
        assertThatThrownBy(() -> new LossSelection(bound).keys())
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "the losses sigmoid and other declare the key label_smoothing differently:"
                                + " must be in [0, 1), default 0; must be finite, default 0.1; rename one of them, or declare it alike");
    }

    private static List<String> inert(Set<String> given, String... names) {
        Map<String, PreferenceLossFactory> chosen = new LinkedHashMap<>();
        Map<String, PreferenceLoss> losses = new LinkedHashMap<>();
        for (String name : names) {
            chosen.put(name, PreferenceLosses.builtIn().get(name));
            losses.put(name, Pairs.loss(name, Pairs.options(0.1, 0.1)));
        }
        return LossSelection.inertKeys(chosen, losses, given);
    }
}
