package io.github.rlhf4j.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatasetStatisticsTest {
    private static Map<String, String> of(DataRecord... rows) {
        DatasetStatistics statistics = new DatasetStatistics(rows.length);
        List.of(rows).forEach(statistics::add);
        return statistics.lines();
    }

    @Test
    void pairsHaveALengthBias() {
        Map<String, String> lines = of(
                new PreferencePair("Who?", "abcd", "ab"),
                new PreferencePair("Who?", "abcd", "ab"),
                new PreferencePair("Who?", "ab", "cd"),
                new PreferencePair("", "a", "ab"));

        assertThat(lines)
                .contains(
                        entry("prompt", "mean 3.0, 0 to 4 characters"),
                        entry("chosen", "mean 2.8, 1 to 4 characters"),
                        entry("rejected", "mean 2.0, 2 to 2 characters"),
                        entry("duplicates", "1 rows equal to one before, 2 prompts"),
                        entry("empty prompts", "1"));
        assertThat(lines.get("length bias")) // 11 / 4 against 8 / 4
                .isEqualTo("the preferred response is longer in 50.0 % of rows, shorter in 25.0 %; "
                        + "mean 2.8 against 2.0 characters (+37.5 %)");
    }

    @Test
    void rankingsCompareTheirBestWithTheirWorst() {
        Map<String, String> lines = of(Ranking.bestFirst("p", List.of("abc", "abcdef", "a")));

        assertThat(lines)
                .contains(
                        entry("sizes", "1 of 3 responses"),
                        entry("best", "mean 3.0, 3 to 3 characters"),
                        entry("between", "mean 6.0, 6 to 6 characters"),
                        entry("worst", "mean 1.0, 1 to 1 characters"));
        assertThat(lines.get("length bias")).contains("longer in 100.0 %");
    }

    @Test
    void languagesAreThoseOfWholeRows() {
        assertThat(of(
                        new TextRecord("The cat sat on the mat and looked at the birds in the garden."),
                        new PreferencePair(
                                "Where did the old man go?",
                                "He went to the river to look for his boat.",
                                "I do not know that."),
                        new TextRecord("Le chat est assis sur le tapis et regarde les oiseaux du jardin."),
                        new TextRecord("Die Katze sitzt auf der Matte und sieht den Vögeln im Garten zu."),
                        new TextRecord("今天天气很好,我们一起去公园散步吧。"),
                        new TextRecord("Where is it?")))
                .contains(entry(
                        "languages",
                        "English 33.3 %, Chinese 16.7 %, French 16.7 %, German 16.7 %, unknown 16.7 %, of 6 rows"));
    }

    @Test
    void labelsAreCountedApart() {
        assertThat(of(new UnpairedPreference("p", "abc", true), new UnpairedPreference("p", "a", false)))
                .contains(entry("  label true", "mean 3.0, 3 to 3 characters"))
                .contains(entry("  label false", "mean 1.0, 1 to 1 characters"));
    }

    @Test
    void scriptsAreSharesOfLetters() {
        assertThat(of(new TextRecord("ab, c 7! \u00e9"), new TextRecord("\u0434\u0430 \ud835\udd38"))
                        .get("scripts"))
                .isEqualTo("Latin 57.1 %, Cyrillic 28.6 %, Common 14.3 %"); // 4, 2 and a mathematical A of 7 letters
    }

    @Test
    void lengthsLieInPowersOfTwo() {
        Lengths lengths = new Lengths();
        for (int length : new int[] {1, 2, 3, 3, 9}) {
            lengths.add(length);
        }

        assertThat(lengths.histogram())
                .containsExactly(
                        "        1 - 1                    1 ##############",
                        "        2 - 3                    3 ########################################",
                        "        4 - 7                    0",
                        "        8 - 15                   1 ##############");
        assertThat(lengths.summary()).isEqualTo("mean 3.6, 1 to 9");
    }

    @Test
    void manyDuplicatesAreEstimatedInConstantMemory() {
        DuplicateCounter counter = new DuplicateCounter();
        for (int i = 0; i < 1_200_000; i++) {
            counter.add("row " + i % 900_000); // 300,000 twice
        }

        assertThat(counter.isExact()).isFalse();
        assertThat((double) counter.duplicates()).isBetween(0.98 * 300_000, 1.02 * 300_000);
    }

    @Test
    void fewDuplicatesAreCountedExactly() {
        DuplicateCounter counter = new DuplicateCounter();
        for (int i = 0; i < 1_000; i++) {
            counter.add("row " + i % 990);
        }

        assertThat(counter.isExact()).isTrue();
        assertThat(counter.duplicates()).isEqualTo(10);
    }
}
