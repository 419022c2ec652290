package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** pass@k by hand, and what of its keys is refused. */
class VerifierMeasuresTest {
    @Test
    void passAtKIsTheChanceThatOneOfKIsRight() {
        // 4 answers, 1 right: a pair has it in 3 of 6 cases; 2 right: 5 of 6
        assertThat(VerifierMeasures.passAtK(4, 1, 2)).isCloseTo(0.5, within(1e-12));
        assertThat(VerifierMeasures.passAtK(4, 2, 2)).isCloseTo(5.0 / 6, within(1e-12));
        assertThat(VerifierMeasures.passAtK(4, 3, 1)).isCloseTo(0.75, within(1e-12));
        assertThat(VerifierMeasures.passAtK(4, 3, 2)).isEqualTo(1);
        assertThat(VerifierMeasures.passAtK(4, 0, 4)).isZero();
        assertThat(VerifierMeasures.passAtK(200, 7, 100)).isCloseTo(1 - product(193, 200, 100), within(1e-12));
    }

    private static final Optional<String> EXACT = Optional.of("exact_match");

    private static VerifierConfig verifier(Optional<String> function, OptionalDouble timeout, Integer... k) {
        return new VerifierConfig(function, timeout, List.of(k));
    }

    private static double product(int wrong, int all, int k) {
        double logs = 0;
        for (int i = 0; i < k; i++) {
            logs += Math.log(wrong - i) - Math.log(all - i);
        }
        return Math.exp(logs);
    }

    @Test
    void keysWithoutEffectAreRefused() {
        assertThatThrownBy(() -> verifier(Optional.empty(), OptionalDouble.empty(), 1))
                .hasMessage("pass_at_k does nothing without reward_function, so must be left out, but is [1]");
        assertThatThrownBy(() -> verifier(EXACT, OptionalDouble.empty(), 0, 2))
                .hasMessage("pass_at_k must be numbers >= 1, but is [0, 2]");
        assertThatThrownBy(() -> verifier(Optional.empty(), OptionalDouble.of(5)))
                .hasMessage("timeout does nothing without reward_function, so must be left out, but is 5.0");
        assertThatThrownBy(() -> verifier(EXACT, OptionalDouble.of(0)))
                .hasMessage("timeout must be seconds > 0, at most 86400, but is 0.0");
        VerifierConfig config = verifier(EXACT, OptionalDouble.of(5), 8, 1);
        assertThat(config.passAtK()).containsExactly(1, 8);
        assertThatThrownBy(() -> config.check(4))
                .hasMessage("pass_at_k must not exceed num_samples, which is 4, but is [1, 8]");
    }
}
