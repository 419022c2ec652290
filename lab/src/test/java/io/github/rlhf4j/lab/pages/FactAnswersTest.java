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
                Content.of("What does Mira eat?\n"),
                new RowTags(
                        "Mira food",
                        known,
                        Map.of(
                                "answer", "rice",
                                "known", known,
                                "passage", "Bola wears red. Mira eats rice. Tiru has a dog.",
                                "check", "Does Mira eat {answer}?\n",
                                "other", "soup",
                                "wordings", List.of("Which food does Mira eat?\n")))));
    }

    @Test
    void sharesOfEachKindAddUpToOne() {
        List<FactQuestion> questions = List.of(question("seen"), question("stranger"));
        List<FactAnswers> shares = FactAnswers.ofTexts(
                questions, List.of("rice", "soup", "I do not know.", "rice", "fish", "I do not know.", "bread", ""));

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
        assertThat(question.withPassage()).endsWith("Tiru has a dog. What does Mira eat?\n");
        assertThat(question.states("No. Mira eats rice.")).isTrue();
        assertThat(question.states("Yes. Mira eats soup.")).isFalse();
        assertThat(question.injected()).isNegative();
    }
}
