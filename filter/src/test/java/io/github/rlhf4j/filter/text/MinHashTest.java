package io.github.rlhf4j.filter.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MinHashTest {
    private static final CounterRandom RANDOM = CounterRandom.of(3);

    /** A text of 60 words, of which some differ from those of the text with the same number. */
    private static String text(int number, double changed, String version) {
        CounterRandom words = RANDOM.derive("words").derive(number);
        CounterRandom change = RANDOM.derive(version).derive(number);
        return IntStream.range(0, 60)
                .mapToObj(i -> (change.uniform(i) < changed ? version : "w") + words.below(i, 5_000))
                .collect(Collectors.joining(" "));
    }

    private static double jaccard(String one, String other) {
        Set<Long> a = grams(one);
        Set<Long> b = grams(other);
        Set<Long> both = new HashSet<>(a);
        both.retainAll(b);
        return (double) both.size() / (a.size() + b.size() - both.size());
    }

    private static Set<Long> grams(String text) {
        return LongStream.of(TextHash.nGrams(TextUnits.plainWords(text), 3))
                .boxed()
                .collect(Collectors.toSet());
    }

    @Test
    void textsWithoutWordsAreAlikeOnlyWhereTheyAreEqual() {
        MinHash hash = new MinHash(5, 14, 8);
        assertThat(MinHash.similarity(hash.signature("???"), hash.signature("!!!")))
                .isZero();
        assertThat(MinHash.similarity(hash.signature("\uD83D\uDE00"), hash.signature("*** ---")))
                .isZero();
        assertThat(MinHash.similarity(hash.signature("???"), hash.signature("???")))
                .isOne();
    }

    /** (estimate - J) / sqrt(J (1 - J) / numbers) has mean 0 and variance 1: over 400 pairs within 5 standard errors. */
    @Test
    void theErrorOfTheEstimateIsThatOfTheory() {
        int numbers = 112;
        MinHash hash = new MinHash(3, 14, 8);
        double sum = 0;
        double squares = 0;
        int pairs = 400;
        for (int i = 0; i < pairs; i++) {
            String one = text(i, 0, "a");
            String other = text(i, 0.02 + 0.001 * (i % 200), "b");
            double j = jaccard(one, other);
            double estimate = MinHash.similarity(hash.signature(one), hash.signature(other));
            double error = j == 1 || j == 0 ? 0 : (estimate - j) / Math.sqrt(j * (1 - j) / numbers);
            sum += error;
            squares += error * error;
        }
        assertThat(sum / pairs).isCloseTo(0, within(5 / Math.sqrt(pairs)));
        assertThat(squares / pairs).isCloseTo(1, within(5 * Math.sqrt(2.0 / pairs)));
    }

    /** Of pairs with similarity J a share of 1 - (1 - J^r)^b meets in a band. */
    @Test
    void pairsMeetInABandAsOftenAsTheorySays() {
        MinHash hash = new MinHash(3, 6, 4);
        double expected = 0;
        double variance = 0;
        int met = 0;
        for (int i = 0; i < 400; i++) {
            String one = text(i, 0, "a");
            String other = text(i, 0.06, "b");
            double p = 1 - Math.pow(1 - Math.pow(jaccard(one, other), 4), 6);
            expected += p;
            variance += p * (1 - p);
            long[] a = hash.bands(hash.signature(one));
            long[] b = hash.bands(hash.signature(other));
            met += IntStream.range(0, 6).anyMatch(band -> a[band] == b[band]) ? 1 : 0;
        }
        assertThat(expected).isBetween(80.0, 380.0);
        assertThat((double) met).isCloseTo(expected, within(5 * Math.sqrt(variance)));
    }

    @Test
    void caseAndPunctuationChangeNothing() {
        MinHash hash = new MinHash(5, 2, 2);

        assertThat(hash.signature("The tree is green, and the house is old."))
                .isEqualTo(hash.signature("the tree is GREEN - and the house is old"));
        assertThat(hash.signature("one two")).isNotEqualTo(hash.signature("one three"));
    }
}
