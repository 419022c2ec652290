package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WinRateTest {
    @Test
    void countsWinsOneTiesHalfAndLossesZero() {
        assertThat(WinRate.winRate(2, new double[] {1, 2, 3, 0})).isEqualTo((1 + 0.5 + 0 + 1) / 4);
    }

    @Test
    void isOneHalfAgainstItself() {
        ModelAnswers model = answers(0.3, -1, 7);

        new WinRate("worth").measure(model, model);

        assertThat(model.value("win_rate", 0)).hasValue(0.5);
    }

    @Test
    void isAbsentWhereNothingDecides() {
        ModelAnswers model = answers(1);

        new WinRate("reward").measure(model, model);

        assertThat(model.metrics()).containsExactly("worth");
    }

    private static ModelAnswers answers(double... worths) {
        List<Answer> answers = new ArrayList<>();
        for (double worth : worths) {
            Answer answer = new Answer(new int[] {1}, "yes", true);
            answer.measure("worth", worth);
            answers.add(answer);
        }
        return new ModelAnswers("model", List.of(answers));
    }
}
