package io.github.rlhf4j.world;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Six languages with words, marks and orders of their own say the same. */
class InventedLanguagesTest {
    private static final InventedLanguages LANGUAGES = new InventedLanguages(7, WorldSize.STANDARD);

    private static List<DataRecord> rows(String part, int limit) {
        return InventedTexts.named(part, WorldSize.STANDARD)
                .records(7)
                .limit(limit)
                .toList();
    }

    private static String prompt(DataRecord row) {
        Content content = row instanceof Prompt prompt ? prompt.prompt() : ((PromptCompletion) row).prompt();
        return ((Content.Text) content).text();
    }

    @Test
    void languagesHaveOrdersAndWordsOfTheirOwn() {
        assertThat(Arrays.stream(InventedLanguage.values())
                        .map(language -> language.order().replace("T", "")))
                .doesNotHaveDuplicates();
        Fact fact = LANGUAGES.book().facts(LANGUAGES.book().people().get(0)).get(0);
        Clause clause = new Clause(fact, "", "now");
        Set<String> sentences = Arrays.stream(InventedLanguage.values())
                .map(language -> LANGUAGES.words(language).sentence(List.of(clause)))
                .collect(Collectors.toSet());
        assertThat(sentences).hasSize(6).allSatisfy(text -> assertThat(text).contains(fact.subject()));
    }

    @ParameterizedTest
    @EnumSource
    void aTextIsReadAgainInItsLanguageAndInNoOther(InventedLanguage language) {
        for (DataRecord row : rows("languages_eval/" + language.code(), 60)) {
            String text = ((TextRecord) row).text();
            assertThat(LANGUAGES.languageOf(text)).as(text).contains(language);
            List<Fact> facts = LANGUAGES.facts(text, language);
            assertThat(facts).as(text).isNotEmpty();
            Fact other = LANGUAGES.book().falseFact(facts.get(0), new Draw(LANGUAGES.random()));
            assertThat(LANGUAGES.words(language).states(text, other)).as(text).isFalse();
            for (InventedLanguage wrong : InventedLanguage.values()) {
                assertThat(wrong == language || LANGUAGES.facts(text, wrong).isEmpty())
                        .as(text + " in " + wrong)
                        .isTrue();
            }
        }
    }

    @Test
    void translationsKeepEveryFactAndWrongOnesLoseIt() {
        List<DataRecord> pairs = rows("translations/emki-ciri/clauses=3", 40);
        String elsewhere = answer((PromptCompletion) pairs.get(39));
        for (DataRecord row : pairs.subList(0, 20)) {
            String text = prompt(row).replace("[emki] ", "").replace(" [ciri]", "");
            String translation = answer((PromptCompletion) row);
            assertThat(LANGUAGES.facts(text, InventedLanguage.EMKI)).hasSizeGreaterThanOrEqualTo(2);
            assertThat(LANGUAGES.factsKept(text, InventedLanguage.EMKI, translation, InventedLanguage.CIRI))
                    .as(text + " -> " + translation)
                    .isEqualTo(1);
            assertThat(LANGUAGES.factsKept(text, InventedLanguage.EMKI, elsewhere, InventedLanguage.CIRI))
                    .isLessThan(1);
        }
    }

    private static String answer(PromptCompletion row) {
        return ((Content.Text) row.completion()).text().strip();
    }

    @Test
    void sharesAreThoseOfCommonCrawlAndAlphaEvensThem() {
        double[] shares = InventedLanguage.shares(1);
        assertThat(shares[0]).isCloseTo(44.3 / 71, within(1e-9));
        assertThat(InventedLanguage.shares(0)).containsOnly(1 / 6.0);
        assertThat(InventedLanguage.shares(0.3)[5]).isBetween(shares[5], 1 / 6.0);
        Map<String, Integer> seen = new HashMap<>();
        rows("languages", 4_000)
                .forEach(row -> seen.merge(((TextRecord) row).tags().useCase(), 1, Integer::sum));
        for (InventedLanguage language : InventedLanguage.values()) {
            assertThat(seen.getOrDefault(language.code(), 0) / 4_000.0)
                    .isCloseTo(shares[language.ordinal()], within(0.025));
        }
    }

    @Test
    void noTextIsOnTwoSidesAndNoQuestionIsAnsweredInTraining() {
        Set<String> trained = new HashSet<>();
        rows("languages/dozu", 3_000).forEach(row -> trained.add(((TextRecord) row).text()));
        assertThat(rows("languages_eval/dozu", 600)).noneMatch(row -> trained.contains(((TextRecord) row).text()));
        rows("questions/dozu", 200).forEach(row -> {
            String question = String.valueOf(((Prompt) row).tags().columns().get("question"));
            assertThat(trained).noneMatch(text -> text.contains(question));
        });
        assertThat(trained).anyMatch(text -> text.contains("\nAnswer: "));
    }

    @Test
    @SuppressWarnings("unchecked")
    void questionsHaveTheFormOfMmluAndTheTruthAmongTheChoices() {
        List<DataRecord> rows = rows("questions/beru/shots=2", 200);
        assertThat(rows).hasSize(200);
        for (DataRecord row : rows) {
            Map<String, Object> columns = ((Prompt) row).tags().columns();
            assertThat(columns).containsOnlyKeys("question", "choices", "statements", "answer", "subject", "language");
            List<String> choices = (List<String>) requireNonNull(columns.get("choices"));
            assertThat(choices).hasSize(4).doesNotHaveDuplicates();
            assertThat(prompt(row))
                    .endsWith(columns.get("question") + "\nA. " + choices.get(0) + "\nB. " + choices.get(1) + "\nC. "
                            + choices.get(2) + "\nD. " + choices.get(3) + "\nAnswer:")
                    .containsPattern("(?s)(.*\nAnswer: [A-D]\n\n){2}");
        }
        Prompt first = (Prompt) rows.get(0);
        List<String> parts = List.of(first.tags().id().split("-"));
        Relation relation = Relation.valueOf(parts.get(0).toUpperCase(java.util.Locale.ROOT));
        Fact fact = LANGUAGES.book().fact(parts.get(1), relation).orElseThrow();
        int answer = ((Long) requireNonNull(first.tags().columns().get("answer"))).intValue();
        assertThat(((List<String>) requireNonNull(first.tags().columns().get("choices"))).get(answer))
                .isEqualTo(LANGUAGES.words(InventedLanguage.BERU).value(relation, fact.value()));
    }

    @Test
    void rowsAreTheSameEveryTimeAndOthersForAnotherSeed() {
        assertThat(rows("languages/alpha=0.3", 50)).isEqualTo(rows("languages/alpha=0.3", 50));
        assertThat(rows("translations", 50))
                .isNotEqualTo(InventedTexts.named("translations", WorldSize.STANDARD)
                        .records(8)
                        .limit(50)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "languages/bera|did you mean beru?",
                "languages/alpha=x|alpha must be a number in 0..10, but is x",
                "languages/shots=1|has no option shots",
                "translations/alo|must name two languages",
                "translations/alo-alo|must name two languages",
                "translations/clauses=5-2|clauses must be a number or a range",
                "questions/shots=6|shots must be a number in 0..5, but is 6",
                "questions/shots=1.5|shots must be a whole number",
                "questions/subject=maths|subject must be one of home, job",
                "questions/alo/beru|has a part too many",
                "translations_evil|the parts about languages are"
            })
    void mistakesAreNamed(String part, String message) {
        assertThatThrownBy(() -> InventedTexts.named(part, WorldSize.STANDARD))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }
}
