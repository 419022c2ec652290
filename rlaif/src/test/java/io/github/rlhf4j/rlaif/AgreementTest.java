package io.github.rlhf4j.rlaif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.judge.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private final Agreement agreement = new Agreement();

    @Test
    void accuracyAndKappaOfACountedTable() {
        // judge first, label first: 20; judge first, label second: 5; judge second, label first: 10; both second: 15.
        // accuracy 35/50; chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5; kappa (0.7 - 0.5) / 0.5 = 0.4 (Cohen 1960's form)
        add(20, 1, true);
        add(5, 1, false);
        add(10, 0, true);
        add(15, 0, false);
        Map<String, Double> metrics = agreement.metrics();

        assertThat(metrics.get("accuracy")).isCloseTo(0.7, within(1e-12));
        assertThat(metrics.get("kappa")).isCloseTo(0.4, within(1e-12));
        double error = Math.sqrt(0.7 * 0.3 / 49);
        assertThat(metrics.get("accuracy_se")).isCloseTo(error, within(1e-12));
        assertThat(metrics.get("kappa_se")).isCloseTo(error / 0.5, within(1e-12));
    }

    private void add(int count, double firstIsBetter, boolean label) {
        for (int i = 0; i < count; i++) {
            agreement.add(new Verdict(firstIsBetter, firstIsBetter), label);
        }
    }

    @Test
    void aJudgeThatLooksAtTheOrderAloneIsRightByHalvesAndPrefersTheFirst() {
        for (int i = 0; i < 10; i++) {
            agreement.add(new Verdict(1, 0), i % 2 == 0);
        }
        agreement.add(new Verdict(Double.NaN, Double.NaN), true);
        Map<String, Double> metrics = agreement.metrics();

        assertThat(metrics)
                .containsEntry("accuracy", 0.5)
                .containsEntry("kappa", 0.0)
                .containsEntry("accuracy_better_shown_first", 1.0)
                .containsEntry("accuracy_better_shown_second", 0.0)
                .containsEntry("first_shown_preferred", 1.0)
                .containsEntry("consistency", 0.0)
                .containsEntry("pairs", 10.0);
        assertThat(metrics.get("no_verdict")).isCloseTo(1 / 11.0, within(1e-12));
    }

    @Test
    void withoutAVerdictThereIsNothingToMeasure() {
        agreement.add(new Verdict(Double.NaN, Double.NaN), true);
        assertThat(agreement.metrics()).isEmpty();
        assertThat(agreement.line("pairs.jsonl")).isEqualTo("the judge gave no verdict on the pairs of pairs.jsonl");
    }
}
