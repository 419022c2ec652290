package io.github.rlhf4j.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One for the answer, nothing for all else. */
class ExactMatchTest {
    private static RewardFunction.Answer answer(String response, Map<String, Object> columns) {
        return new RewardFunction.Answer("2 + 2 =", response, 1, true, columns);
    }

    @Test
    void countsWhatIsTheAnswerButForWhiteSpace() {
        Map<String, Object> columns = Map.of("answer", 4L);

        assertThat(new ExactMatch()
                        .score(List.of(answer(" 4\n", columns), answer("4.0", columns), answer("44", columns))))
                .containsExactly(1, 0, 0);
        assertThat(new ExactMatch().score(List.of(answer("four", Map.of("answer", "four ")))))
                .containsExactly(1);
    }

    @Test
    void aRowWithoutAnswerIsRefused() {
        assertThatThrownBy(() -> new ExactMatch().score(List.of(answer("4", Map.of("worth", 1L)))))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the column \"answer\"");
    }
}
