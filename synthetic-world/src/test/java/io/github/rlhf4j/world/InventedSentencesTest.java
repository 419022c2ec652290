package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

class InventedSentencesTest {
    private static final InventedLanguages LANGUAGES = new InventedLanguages(3, new WorldSize(20, 20, 1, 1, 1, 1, 1));

    @Test
    void aSentenceSaysTheSameInEachLanguage() {
        for (int i = 0; i < 20; i++) {
            List<String> both =
                    LANGUAGES.sentence(2, List.of(InventedLanguage.ALO, InventedLanguage.BERU), CounterRandom.of(i));
            assertThat(both.get(0)).isNotEqualTo(both.get(1));
            assertThat(LANGUAGES.facts(both.get(0), InventedLanguage.ALO)).isNotEmpty();
            assertThat(LANGUAGES.factsKept(both.get(0), InventedLanguage.ALO, both.get(1), InventedLanguage.BERU))
                    .isEqualTo(1);
        }
    }

    @Test
    void aTypedTextHasAGapForAJobThatItDoesNotSay() {
        for (InventedLanguage language : List.of(InventedLanguage.ALO, InventedLanguage.FANA)) {
            for (int i = 0; i < 20; i++) {
                TypedText text = LANGUAGES.typedText(language, CounterRandom.of(i));
                assertThat(text.said() + text.gap()).doesNotContain(text.type());
                List<Fact> facts = LANGUAGES.facts(text.said(), language);
                assertThat(facts).isNotEmpty().noneMatch(fact -> fact.relation() == Relation.JOB);
            }
        }
        TypedText text = LANGUAGES.typedText(InventedLanguage.ALO, CounterRandom.of(1));
        assertThat(LANGUAGES.facts(text.gap() + " " + text.type() + ".", InventedLanguage.ALO))
                .singleElement()
                .satisfies(fact -> assertThat(fact.relation()).isEqualTo(Relation.JOB));
    }
}
