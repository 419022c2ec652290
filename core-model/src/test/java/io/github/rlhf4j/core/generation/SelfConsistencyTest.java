package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SelfConsistencyTest {
    /** Answers 4, 5, 4, none: shares 1/2, 1/4, 1/4, whose entropy is 1.5 ln 2. */
    @Test
    void theMajorityIsTheMostFrequentAnswerAmongAllSamples() {
        SelfConsistency agreed = SelfConsistency.of(
                List.of("2 + 2 = 4", "it is 5", "so 4.", "who knows"), SelfConsistency.last(Pattern.compile("[0-9]+")));
        assertThat(agreed.majority()).hasValue("4");
        assertThat(agreed.index()).isZero();
        assertThat(agreed.agreement()).isEqualTo(0.5);
        assertThat(agreed.distinct()).isEqualTo(2);
        assertThat(agreed.entropy()).isCloseTo(1.5 * Math.log(2), within(1e-12));
        assertThat(agreed.answers())
                .containsExactly(Optional.of("4"), Optional.of("5"), Optional.of("4"), Optional.empty());
    }

    @Test
    void ofEquallyFrequentAnswersTheFirstIsTaken() {
        SelfConsistency agreed = SelfConsistency.of(List.of(" b ", "a", "a", "b"), SelfConsistency.WHOLE);
        assertThat(agreed.majority()).hasValue("b");
        assertThat(agreed.entropy()).isCloseTo(Math.log(2), within(1e-12));
    }

    @Test
    void withoutAnyAnswerThereIsNoMajority() {
        SelfConsistency agreed = SelfConsistency.of(List.of("x", "y"), SelfConsistency.last(Pattern.compile("[0-9]")));
        assertThat(agreed.majority()).isEmpty();
        assertThat(agreed.agreement()).isZero();
        assertThat(agreed.distinct()).isZero();
        assertThat(agreed.entropy()).isZero();
    }

    @Test
    void aGroupOfTheExpressionIsTheAnswer() {
        SelfConsistency agreed =
                SelfConsistency.of(List.of("#### 1 #### 12 "), SelfConsistency.last(Pattern.compile("#### *([0-9]+)")));
        assertThat(agreed.majority()).hasValue("12");
        assertThat(agreed.agreement()).isOne();
    }
}
