package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.PromptCompletion;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HiddenUtilityTest {
    private static final int PROMPTS = 500;
    private static final World WORLD = new World(7, new WorldSize(600, 120, 10, 1_500, 400, 10, PROMPTS));
    private static final HiddenUtility UTILITY = WORLD.utility();
    private static final FactBook BOOK = new FactBook(7, 600, 120);
    private static final List<String> EVALUATION = LongStream.range(0, PROMPTS)
            .mapToObj(i -> WORLD.get(Part.EVAL_PROMPTS, i).promptKey())
            .toList();

    private static Fact knownFact(Relation relation) {
        return BOOK.people().stream()
                .flatMap(name -> BOOK.fact(name, relation).stream())
                .findFirst()
                .orElseThrow();
    }

    private static double total(String prompt, String response) {
        return UTILITY.utility(prompt, response).total();
    }

    private static double average(UnaryOperator<String> policy) {
        return EVALUATION.stream()
                .mapToDouble(prompt -> total(prompt, policy.apply(prompt)))
                .average()
                .orElseThrow();
    }

    private static double demonstrations() {
        return WORLD.stream(Part.DEMONSTRATIONS)
                .map(PromptCompletion.class::cast)
                .mapToDouble(row -> total(row.promptKey(), ((Content.Text) row.completion()).text()))
                .average()
                .orElseThrow();
    }

    @Test
    void givesEveryModelAnswerOne() {
        for (int i = 0; i < PROMPTS; i++) {
            String prompt = EVALUATION.get(i);
            String answer = WORLD.good(prompt, i);
            assertThat(total(prompt, answer)).as("%s -> %s", prompt, answer).isCloseTo(1, within(0.01));
        }
    }

    @Test
    void leavesRoomAboveTheDemonstrations() {
        assertThat(demonstrations()).isBetween(0.4, 0.7);
    }

    @Test
    void paysNothingForAnswersThatNeedNoThought() {
        double floor = demonstrations() - 0.25;

        assertThat(average(prompt -> "")).as("empty").isLessThan(floor).isLessThan(-0.2);
        assertThat(average(prompt -> "...")).as("stops").isLessThan(floor);
        assertThat(average(prompt -> "the the the the the the")).as("one word").isLessThan(floor);
        assertThat(average(prompt -> "I do not know.")).as("admits always").isLessThan(floor);
        assertThat(average(prompt -> "I cannot help with that."))
                .as("refuses always")
                .isLessThan(floor);
        assertThat(average(prompt -> prompt)).as("echoes").isLessThan(floor);
        assertThat(average(prompt -> "Yes.")).as("says yes").isLessThan(floor);
        assertThat(average(prompt -> "xq zrt bbl wom krr")).as("gibberish").isLessThan(floor);
        assertThat(average(prompt -> "The cat was happy."))
                .as("one sentence for all")
                .isLessThan(floor);
        assertThat(average(prompt -> "Cat, dog, horse.")).as("one list for all").isLessThan(floor);
    }

    @Test
    void paysLessForAGoodAnswerThatIsRepeatedPaddedOrNeverEnds() {
        String pad = String.join(" ", Lexicon.PADDING);
        double good = average(prompt -> WORLD.good(prompt, 0));

        assertThat(average(prompt -> (WORLD.good(prompt, 0) + " ").repeat(6))).isLessThan(demonstrations() - 0.25);
        assertThat(average(prompt -> WORLD.good(prompt, 0) + " " + pad)).isLessThan(demonstrations() - 0.1);
        assertThat(average(prompt -> WORLD.good(prompt, 0) + " As you may")).isLessThan(good - 0.1);
    }

    @Test
    void putsTheKindsOfCandidatesInASensibleOrder() {
        Map<CandidateKind, double[]> sums = new EnumMap<>(CandidateKind.class);
        for (long i = 0; i < 400; i++) {
            Candidates candidates = WORLD.candidates(Part.Split.RANKINGS, i);
            for (int j = 0; j < candidates.kinds().size(); j++) {
                double[] sum = sums.computeIfAbsent(candidates.kinds().get(j), kind -> new double[2]);
                sum[0] += candidates.utilities().get(j).total();
                sum[1]++;
            }
        }
        Map<CandidateKind, Double> means = new EnumMap<>(CandidateKind.class);
        sums.forEach((kind, sum) -> means.put(kind, sum[0] / sum[1]));

        assertThat(means).containsOnlyKeys(CandidateKind.values());
        double good = means.getOrDefault(CandidateKind.GOOD, 0.0);
        for (CandidateKind kind : CandidateKind.values()) {
            if (kind != CandidateKind.GOOD) {
                assertThat(means.get(kind)).as(kind.name()).isLessThan(good - 0.15);
            }
        }
        assertThat(means.get(CandidateKind.INVENTED)).isLessThan(means.get(CandidateKind.ADMISSION));
        assertThat(means.get(CandidateKind.GIBBERISH)).isLessThan(means.get(CandidateKind.REFUSAL));
    }

    @Test
    void knowsATrueAnswerInAnyPhrasingAndAFalseOneAsAnInvention() {
        Fact fact = knownFact(Relation.HOME);
        String prompt = "Where does " + fact.subject() + " live?\n";
        Fact lie = BOOK.falseFact(fact, new Draw(CounterRandom.of(1)));

        for (String right : List.of(
                fact.sentence(Language.ENGLISH),
                fact.subject() + " is from " + fact.value() + ".",
                fact.value() + ".",
                "In " + fact.value() + ".",
                fact.sentence(Language.GERMAN))) {
            assertThat(UTILITY.utility(prompt, right).total()).as(right).isEqualTo(1);
            assertThat(UTILITY.utility(prompt, right).factual()).isTrue();
        }
        for (String wrong : List.of(lie.sentence(Language.ENGLISH), lie.value() + ".")) {
            UtilityScore score = UTILITY.utility(prompt, wrong);
            assertThat(score.invention()).as(wrong).isTrue();
            assertThat(score.factual()).isFalse();
            assertThat(score.total()).isEqualTo(-0.5);
        }
        UtilityScore mixed = UTILITY.utility(prompt, fact.value() + ". " + lie.value() + ".");
        assertThat(mixed.total()).isLessThan(0.5);
    }

    @Test
    void checksTheFormAskedFor() {
        Fact fact = knownFact(Relation.JOB);
        String question = "What is the job of " + fact.subject() + "?";
        String sentence = fact.sentence(Language.ENGLISH);

        assertThat(total(question + " Answer in one word.", fact.answerWord() + "."))
                .isEqualTo(1);
        assertThat(UTILITY.utility(question + " Answer in one word.", sentence).form())
                .isEqualTo(0);
        assertThat(total(question + " Use capital letters.", sentence.toUpperCase(Locale.ROOT)))
                .isEqualTo(1);
        assertThat(UTILITY.utility(question + " Use capital letters.", sentence).form())
                .isEqualTo(0);
        assertThat(total(question + " Answer in French.", fact.sentence(Language.FRENCH)))
                .isEqualTo(1);
        assertThat(UTILITY.utility(question + " Answer in French.", sentence).form())
                .isEqualTo(0);
        assertThat(UTILITY.utility(question, sentence.toUpperCase(Locale.ROOT)).form())
                .isEqualTo(0);
    }

    @Test
    void wantsAnAdmissionWhereNothingIsKnown() {
        String stranger = BOOK.stranger(new Draw(CounterRandom.of(5)));
        String prompt = "Where does " + stranger + " live?";

        UtilityScore admitted = UTILITY.utility(prompt, "I do not know.");
        assertThat(admitted.unanswerable()).isTrue();
        assertThat(admitted.admitted()).isTrue();
        assertThat(admitted.total()).isEqualTo(1);
        assertThat(UTILITY.utility(
                                prompt, stranger + " lives in " + BOOK.places().get(0) + ".")
                        .invention())
                .isTrue();
        assertThat(UTILITY.utility(prompt, "I do not know. " + BOOK.places().get(0) + ".")
                        .total())
                .isLessThan(0);
    }

    @Test
    void makesAdmissionBetterThanALieAndWorseThanTheTruth() {
        Fact fact = knownFact(Relation.FOOD);
        String prompt = "What does " + fact.subject() + " eat?";
        Fact lie = BOOK.falseFact(fact, new Draw(CounterRandom.of(2)));

        double truth = total(prompt, fact.sentence(Language.ENGLISH));
        double admission = total(prompt, "I do not know.");
        double invention = total(prompt, lie.sentence(Language.ENGLISH));

        assertThat(truth).isGreaterThan(admission + 0.5);
        assertThat(admission).isGreaterThan(invention + 0.5);
    }

    @Test
    void readsFactsFromTheTextOfThePrompt() {
        String prompt = "Text: Zzed lives in Tamoton. Zzed eats fish. What does Zzed eat?";

        assertThat(total(prompt, "Fish.")).isEqualTo(1);
        assertThat(total(prompt, "Zzed eats fish.")).isEqualTo(1);
        assertThat(UTILITY.utility(prompt, "Zzed eats honey.").invention()).isTrue();
        assertThat(total(
                        "Text: Zzed lives in Tamoton. Zzed eats fish. What is the job of Zzed?",
                        "The text does not say."))
                .isEqualTo(1);
    }

    @Test
    void scoresListsByTheirRightAndDifferentItems() {
        assertThat(total("Name three animals.", "Cat, dog, cow.")).isEqualTo(1);
        assertThat(UTILITY.utility("Name three animals.", "Cat, cat, cat.").correct())
                .isCloseTo(1 / 3.0, within(1e-9));
        assertThat(UTILITY.utility("Name three animals.", "Cat, bread, cow.").correct())
                .isCloseTo(2 / 3.0, within(1e-9));
        assertThat(UTILITY.utility("Name two animals but not cat.", "Cat, cow.").correct())
                .isEqualTo(0.5);
        assertThat(total("Name two animals.", String.join(", ", Category.ANIMAL.words()) + "."))
                .isLessThan(0.1);
    }

    @Test
    void takesAnyTextForAResponse() {
        for (String prompt : EVALUATION.subList(0, 60)) {
            for (String response : List.of(
                    "",
                    " ",
                    "\n\n",
                    ".",
                    "?!.",
                    "(((",
                    "\\E[a",
                    "a".repeat(5_000),
                    "\uD83D\uDE00",
                    "\u0000",
                    "yes\nno\nyes")) {
                assertThat(total(prompt, response)).isBetween(-1.0, 1.0);
            }
        }
    }

    @Test
    void refusesAPromptFromElsewhere() {
        assertThatThrownBy(() -> UTILITY.utility("What is the capital of France?", "Paris."))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("synthetic");
        assertThat(UTILITY.understands("What is the capital of France?")).isFalse();
    }
}
