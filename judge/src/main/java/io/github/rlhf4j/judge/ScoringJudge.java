package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A judge that gives each response a number of its own. Of two the one with the larger number is better. */
public interface ScoringJudge extends Judge {
    /**
     * A response by itself.
     *
     * @param prompt the prompt's text
     */
    record Answer(String prompt, String response) {}

    /** The more the better; NaN where the judge gave no number. As many as answers. */
    double[] score(List<Answer> answers);

    @Override
    default List<List<Integer>> rank(List<Question> questions) {
        List<Answer> answers = new ArrayList<>();
        questions.forEach(question ->
                question.responses().forEach(response -> answers.add(new Answer(question.prompt(), response))));
        double[] scores = score(answers);
        List<List<Integer>> ranks = new ArrayList<>();
        int from = 0;
        for (Question question : questions) {
            int to = from + question.responses().size();
            ranks.add(Preference.ranks(Arrays.copyOfRange(scores, from, to)));
            from = to;
        }
        return ranks;
    }

    @Override
    default double[] compare(List<Pair> pairs) {
        List<Answer> answers = new ArrayList<>();
        for (Pair pair : pairs) {
            answers.add(new Answer(pair.prompt(), pair.first()));
            answers.add(new Answer(pair.prompt(), pair.second()));
        }
        double[] scores = score(answers);
        double[] probabilities = new double[pairs.size()];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = Preference.of(scores[2 * i], scores[2 * i + 1]);
        }
        return probabilities;
    }
}
