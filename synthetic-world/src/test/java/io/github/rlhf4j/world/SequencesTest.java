package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sequences of a hidden grammar: what they are made of says nothing, their order and pairing say the fold. */
class SequencesTest {
    private static World world(long seed) {
        return new World(seed, new WorldSize(40, 30, 500, 10, 10, 10, 10));
    }

    private static List<DataRecord> rows(String part, int limit) {
        return Sequences.named(part, SequencesTest::world)
                .records(7)
                .limit(limit)
                .toList();
    }

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }

    @Test
    void foldsTakeTurnsAndHeldOutSequencesAreOthers() {
        List<DataRecord> training = rows("folds", 600);
        Map<String, Long> labels = training.stream()
                .collect(Collectors.groupingBy(
                        row -> text(((PromptCompletion) row).completion()), TreeMap::new, Collectors.counting()));
        assertThat(labels)
                .hasSize(12)
                .allSatisfy((label, count) -> assertThat(count).isEqualTo(50));
        List<String> texts = rows("sequences", 2_000).stream()
                .map(row -> ((TextRecord) row).text())
                .toList();
        assertThat(rows("sequences_eval", 1_000))
                .hasSize(1_000)
                .noneMatch(row -> texts.contains(((TextRecord) row).text()));
        assertThat(text(((PromptCompletion) training.get(0)).prompt())).isEqualTo(texts.get(0) + " >");
        assertThat(texts).allSatisfy(text -> assertThat(text).matches("M[ACDEFGHIKLMNPQRSTVWY]{30,80}"));
    }

    /** Of two folds with one order and other pairings, each residue is as frequent; the partner's place decides. */
    @Test
    void pairingIsSeenInFacingResiduesAlone() {
        FoldGrammar grammar =
                new FoldGrammar(CounterRandom.of(7).derive("sequences").derive("grammar"));
        assertThat(facing(grammar, 0, 0, 1)).isGreaterThan(0.85);
        assertThat(facing(grammar, 1, 0, 1)).isLessThan(0.3);
        assertThat(facing(grammar, 1, 0, 3)).isGreaterThan(0.85);
        assertThat(facing(grammar, 2, 0, 2)).isGreaterThan(0.85);
        for (int fold : List.of(0, 1, 2, 9)) {
            double oily = 0;
            double all = 0;
            for (int i = 0; i < 400; i++) {
                String sequence =
                        grammar.sequence(fold, new Draw(CounterRandom.of(3).derive(i)));
                oily += sequence.chars()
                        .filter(residue -> "VILFYW".indexOf(residue) >= 0)
                        .count();
                all += sequence.length();
            }
            assertThat(oily / all).isBetween(0.27, 0.33);
        }
    }

    /** How often the first residue of one strand faces its partner at the end of another, as the whole of the data says who is whose partner. */
    private static double facing(FoldGrammar grammar, int fold, int first, int second) {
        Map<String, Integer> pairs = new TreeMap<>();
        int all = 0;
        for (int i = 0; i < 600; i++) {
            String sequence =
                    grammar.sequence(fold, new Draw(CounterRandom.of(4).derive(i)));
            List<String> strands = java.util.regex.Pattern.compile("[VILFYWTSKRQN]{5,}")
                    .matcher(sequence.replaceAll("[GDSPN]{2,}", "-"))
                    .results()
                    .map(java.util.regex.MatchResult::group)
                    .filter(strand -> "VILFYW".indexOf(strand.charAt(0)) >= 0)
                    .toList();
            if (strands.size() == 4) {
                String one = strands.get(first);
                String other = strands.get(second);
                pairs.merge("" + one.charAt(0) + other.charAt(other.length() - 1), 1, Integer::sum);
                all++;
            }
        }
        assertThat(all).isGreaterThan(50);
        double most = pairs.values().stream()
                .sorted(java.util.Comparator.reverseOrder())
                .limit(6)
                .mapToInt(Integer::intValue)
                .sum();
        return most / all;
    }

    @Test
    void rowsAreTheSameEveryTimeAndOthersForAnotherSeed() {
        assertThat(rows("folds_eval", 40)).isEqualTo(rows("folds_eval", 40));
        assertThat(Sequences.named("sequences", SequencesTest::world)
                        .records(8)
                        .limit(40)
                        .toList())
                .isNotEqualTo(rows("sequences", 40));
        assertThatThrownBy(() -> Sequences.named("foldz", SequencesTest::world))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("folds_eval");
    }

    @Test
    void aShareOfTextsMayBeAmongThem() {
        List<DataRecord> mixed = rows("sequences/texts=0.2", 400);
        assertThat(mixed)
                .filteredOn(row -> ((TextRecord) row).text().contains(" "))
                .hasSizeBetween(55, 105);
        assertThat(mixed.get(0)).isIn(rows("sequences", 1).get(0), world(7).get(Part.PRETRAIN, 0));
        assertThatThrownBy(() -> rows("sequences/texts=2", 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("texts must be a number in 0..1, but is 2");
        assertThatThrownBy(() -> rows("folds/texts=0.2", 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no option texts");
    }
}
