package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KtoWarningsTest {
    @Test
    void warnsWhereTheWeightsLeaveEquationEight() {
        // 3 to 1: 1.0 x 30 / (1.0 x 10) = 3; within 1 to 4/3 with 1/3 to 4/9 for the one, or 2.25 to 3 for the other
        assertThat(KtoWarnings.balance(30, 10, 1, 1))
                .singleElement()
                .asString()
                .contains("is 3.00, but should be 1 to 1.33")
                .contains("desirable_weight 0.33 to 0.44 or undesirable_weight 2.25 to 3.00");
        assertThat(KtoWarnings.balance(10, 10, 1.3, 0.6)).hasSize(1);
        assertThat(KtoWarnings.balance(10, 30, 1, 1)).hasSize(1);
    }

    @Test
    void isQuietWithinIt() {
        assertThat(KtoWarnings.balance(10, 10, 1, 1)).isEmpty();
        assertThat(KtoWarnings.balance(30, 10, 0.44, 1)).isEmpty();
        assertThat(KtoWarnings.balance(10, 30, 1, 0.33)).isEmpty();
    }

    @Test
    void warnsWhereALabelIsMissing() {
        assertThat(KtoWarnings.balance(7, 0, 1, 1)).singleElement().asString().startsWith("all 7 rows are desirable");
        assertThat(KtoWarnings.balance(0, 7, 1, 1)).singleElement().asString().startsWith("all 7 rows are undesirable");
    }
}
