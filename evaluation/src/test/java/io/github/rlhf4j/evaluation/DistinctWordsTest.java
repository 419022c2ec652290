package io.github.rlhf4j.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class DistinctWordsTest {
    private static final double EXACT = 1e-12;

    @Test
    void isTheShareOfDifferentWordsInAllAnswers() {
        // the cat | the dog the: {the, cat, dog} of 5
        Statistic distinct = DistinctWords.of(1, List.of(List.of("The cat."), List.of("the dog, the")))
                .orElseThrow();

        assertThat(distinct.mean()).isCloseTo(3.0 / 5, within(EXACT));
        assertThat(distinct.n()).isEqualTo(2);
    }

    @Test
    void formsNoPairAcrossAnswers() {
        // "a b" and "b a" give (a b) and (b a), not (b b)
        Statistic distinct = DistinctWords.of(2, List.of(List.of("a b", "b a"))).orElseThrow();

        assertThat(distinct.mean()).isEqualTo(1);
    }

    @Test
    void hasTheJackknifeErrorOverPrompts() {
        // prompts "a b" and "a": without the first {a} / 1 = 1, without the second {a, b} / 2 = 1: no spread.
        // prompts "a a" and "b": without the first 1 / 1, without the second 1 / 2; mean 3/4; error sqrt(1/2 (1/16 +
        // 1/16)) = 1/4
        assertThat(DistinctWords.of(1, List.of(List.of("a b"), List.of("a")))
                        .orElseThrow()
                        .standardError()
                        .orElseThrow())
                .isZero();
        assertThat(DistinctWords.of(1, List.of(List.of("a a"), List.of("b")))
                        .orElseThrow()
                        .standardError()
                        .orElseThrow())
                .isCloseTo(0.25, within(EXACT));
    }

    @Test
    void isAbsentWithoutWords() {
        assertThat(DistinctWords.of(1, List.of(List.of(" ... ")))).isEmpty();
    }
}
