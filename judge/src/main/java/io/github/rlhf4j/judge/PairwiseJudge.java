package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** A judge that compares two responses. More than two are ranked by the sum of their probabilities against each other one (all pairs are asked). */
public interface PairwiseJudge extends Judge {
    @Override
    double[] compare(List<Pair> pairs);

    @Override
    default List<List<Integer>> rank(List<Question> questions) {
        List<Pair> pairs = new ArrayList<>();
        for (Question question : questions) {
            List<String> responses = question.responses();
            for (int i = 0; i < responses.size(); i++) {
                for (int j = i + 1; j < responses.size(); j++) {
                    pairs.add(new Pair(question.prompt(), responses.get(i), responses.get(j)));
                }
            }
        }
        double[] probabilities = compare(pairs);
        Iterator<Double> next = Arrays.stream(probabilities).boxed().toList().iterator();
        return questions.stream()
                .map(question -> Preference.ranks(sums(question.responses().size(), next)))
                .toList();
    }

    /** Each response's sum of probabilities against the others; a comparison without verdict counts as a tie. */
    private static double[] sums(int responses, Iterator<Double> next) {
        double[] sums = new double[responses];
        for (int i = 0; i < responses; i++) {
            for (int j = i + 1; j < responses; j++) {
                double probability = next.next();
                double first = Double.isNaN(probability) ? 0.5 : probability;
                sums[i] += first;
                sums[j] += 1 - first;
            }
        }
        return sums;
    }
}
