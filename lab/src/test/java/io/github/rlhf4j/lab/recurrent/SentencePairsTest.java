package io.github.rlhf4j.lab.recurrent;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.world.InventedLanguage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SentencePairsTest {
    private static final SentencePairs PAIRS = new SentencePairs(1, InventedLanguage.ALO, InventedLanguage.BERU);

    @Test
    void aSentenceOfSevenClausesHasAboutFortyWords() {
        for (int clauses : List.of(1, 4, 7)) {
            double words = PAIRS.heldOut(clauses, 50).stream()
                    .mapToInt(pair -> pair.source().length)
                    .average()
                    .orElseThrow();
            assertThat(words).isBetween(5.0 * clauses - 1, 6.5 * clauses);
        }
    }

    @Test
    void heldOutSentencesAreInNoTrainingBatch() {
        Set<List<String>> trained = new HashSet<>();
        for (long step = 0; step < 30; step++) {
            PAIRS.training(1, 64, step).forEach(pair -> trained.add(PAIRS.words(pair.source())));
        }
        assertThat(PAIRS.heldOut(1, 60)).noneMatch(pair -> trained.contains(PAIRS.words(pair.source())));
    }

    @Test
    void namesStayAndTheirPlaceInTheSentenceChanges() {
        TokenPair pair = PAIRS.heldOut(1, 1).get(0);
        List<String> source = PAIRS.words(pair.source());
        List<String> target = PAIRS.words(pair.target());
        assertThat(target).contains(source.get(0));
        assertThat(PAIRS.heldOut(1, 1).get(0).source()).isEqualTo(pair.source());
        assertThat(PAIRS.vocabulary()).isBetween(100, 400);
    }
}
