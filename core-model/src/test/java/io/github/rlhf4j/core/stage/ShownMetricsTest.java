package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ShownMetricsTest {
    @Test
    void showsTheLossWhereNothingIsChosen() {
        assertThat(new ShownMetrics().line(Map.of("loss", 1.49412, "entropy", 2)))
                .isEqualTo("loss 1.494");
    }

    @Test
    void showsWhatIsChosenInThatOrderAndLeavesOutWhatIsUnknown() {
        ShownMetrics shown = new ShownMetrics();
        shown.add("score", "objective/scores");
        shown.add("kl", "objective/kl");
        shown.add("len", "objective/response_length");

        assertThat(shown.line(Map.of("objective/response_length", 13.0, "objective/scores", -0.90001)))
                .isEqualTo("score -0.9 len 13");
    }

    @Test
    void resultsAreTheLastValuesThenThoseOfTheEvaluation() {
        assertThat(new ShownMetrics().results(Map.of("loss", 1.21, "eval_loss", 1.3)))
                .isEqualTo("loss 1.21, eval_loss 1.3");
    }

    @Test
    void namedEvaluationsKeepTheirNames() {
        assertThat(new ShownMetrics()
                        .results(new TreeMap<>(Map.of("loss", 1.21, "eval_a_loss", 1.3, "eval_b_loss", 2))))
                .isEqualTo("loss 1.21, eval_a_loss 1.3, eval_b_loss 2");
    }

    @Test
    void numbersHaveFourDigits() {
        assertThat(ShownMetrics.text(0.123456)).isEqualTo("0.1235");
        assertThat(ShownMetrics.text(123456)).isEqualTo("123456");
        assertThat(ShownMetrics.text(0.00001234)).isEqualTo("1.23e-05");
        assertThat(ShownMetrics.text(0)).isEqualTo("0");
        assertThat(ShownMetrics.text(100)).isEqualTo("100");
        assertThat(ShownMetrics.text(Double.NaN)).isEqualTo("NaN");
    }
}
