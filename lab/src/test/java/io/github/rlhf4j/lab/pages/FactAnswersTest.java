package io.github.rlhf4j.lab.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RowTags;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers are right, wrong or admissions. */
class FactAnswersTest {
    private static FactQuestion question(String known) {
        return FactQuestion.of(new Prompt(
                Content.of("Mira eats"),
                new RowTags(
                        "Mira food",
                        known,
                        Map.of(
                                "answer", "Mira eats rice.",
                                "value", "rice",
                                "known", known,
                                "passage", "Bola wears red. Mira eats rice. Tiru has a dog.",
                                "check", "Does Mira eat {value}?\n",
                                "other", "soup",
                                "wordings", List.of("Mira likes to eat")))));
    }

    @Test
    void sharesOfEachKindAddUpToOne() {
        List<FactQuestion> questions = List.of(question("seen"), question("stranger"));
        List<FactAnswers> shares = FactAnswers.ofTexts(
                questions,
                List.of(
                        "Mira eats rice.",
                        "Mira eats soup.",
                        "unknown.",
                        "Mira likes to eat rice.\nWhat",
                        "Mira eats fish.",
                        "unknown.",
                        "Mira eats bread.\nrice",
                        ""));

        assertThat(shares).extracting(FactAnswers::known).containsExactly("seen", "stranger");
        FactAnswers seen = shares.get(0);
        assertThat(seen.right()).isEqualTo(0.5);
        assertThat(seen.wrong()).isEqualTo(0.25);
        assertThat(seen.abstained()).isEqualTo(0.25);
        FactAnswers stranger = shares.get(1);
        assertThat(stranger.right()).isZero();
        assertThat(stranger.right() + stranger.wrong() + stranger.abstained()).isCloseTo(1, within(1e-12));
    }

    @Test
    void promptsAreMadeOfTheColumns() {
        FactQuestion question = question("seen");
        assertThat(question.check("soup")).isEqualTo("Does Mira eat soup?\n");
        assertThat(question.withPassage()).endsWith("Tiru has a dog. Mira eats");
        assertThat(question.isRight("No. Mira eats rice.")).isTrue();
        assertThat(question.isRight("Yes. Mira eats soup.")).isFalse();
        assertThat(FactQuestion.named("Mira eats rice.")).isEqualTo("rice");
        assertThat(FactQuestion.named("")).isEmpty();
        assertThat(question.injected()).isNegative();
    }
}
