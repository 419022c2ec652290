package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.generation.GeneratedText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares of the answers to questions of one kind; they add up to 1.
 *
 * @param known seen, unseen or stranger
 * @param wrongConfidence mean probability of the wrong answers, their end token included; 0 where there are none
 */
record FactAnswers(String known, double right, double wrong, double abstained, double wrongConfidence) {
    private static final class Tally {
        private int answers;
        private int right;
        private int abstained;
        private double wrongProbability;

        void add(FactQuestion question, String text, double probability) {
            answers++;
            if (question.isRight(text)) {
                right++;
            } else if (text.equals(FactQuestion.ADMISSION)) {
                abstained++;
            } else {
                wrongProbability += probability;
            }
        }

        FactAnswers of(String known) {
            int wrong = answers - right - abstained;
            return new FactAnswers(
                    known,
                    (double) right / answers,
                    (double) wrong / answers,
                    (double) abstained / answers,
                    wrong == 0 ? 0 : wrongProbability / wrong);
        }
    }

    /** Several answers to a question follow each other. */
    static List<FactAnswers> of(List<FactQuestion> questions, List<GeneratedText> answers) {
        return tallied(
                questions,
                answers.stream().map(answer -> answer.text().strip()).toList(),
                answers.stream()
                        .map(answer -> Math.exp(
                                Arrays.stream(answer.tokens().logProbs()).sum()))
                        .toList());
    }

    static List<FactAnswers> ofTexts(List<FactQuestion> questions, List<String> texts) {
        return tallied(questions, texts, List.of());
    }

    private static List<FactAnswers> tallied(
            List<FactQuestion> questions, List<String> texts, List<Double> probabilities) {
        int each = texts.size() / questions.size();
        Map<String, Tally> tallies = new LinkedHashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            FactQuestion question = questions.get(i / each);
            tallies.computeIfAbsent(question.known(), known -> new Tally())
                    .add(question, texts.get(i), probabilities.isEmpty() ? 0 : probabilities.get(i));
        }
        List<FactAnswers> all = new ArrayList<>();
        tallies.forEach((known, tally) -> all.add(tally.of(known)));
        return all;
    }
}
