package io.github.rlhf4j.judge;

import java.util.List;

/**
 * Says which responses are better, in the place of people (RLAIF). One of your own is bound by name in a Guice module, {@code judgeBinder(binder()).bind("brevity", BrevityJudge.class)}, and named by {@code judge: brevity}
 * in any stage that takes a judge or, for any stage that takes rankings or pairs, by the dataset {@code judged:brevity:<dataset>}.
 *
 * <p>A judge that compares two responses is a {@link PairwiseJudge}, one that gives each response a number a {@link ScoringJudge}; each of them can do what this asks for.
 *
 * <p>Source: Bai et al. 2022, arXiv:2212.08073; Lee et al. 2023, arXiv:2309.00267.
 */
public interface Judge {
    /**
     * What a judge is asked.
     *
     * @param prompt the prompt's text, as the dataset has it
     * @param responses at least two, in an order that says nothing about their worth
     */
    record Question(String prompt, List<String> responses) {
        public Question {
            responses = List.copyOf(responses);
        }
    }

    /**
     * Two responses to a prompt.
     *
     * @param first the one that is shown first
     */
    record Pair(String prompt, String first, String second) {
        /** The same in the other order. */
        public Pair swapped() {
            return new Pair(prompt, second, first);
        }
    }

    /**
     * Ranks for the responses of each question, in order: 1 is the best, equal numbers are ties. A question whose responses all tie is left out of the data. The same question should get
     * the same ranks whatever else is in the list.
     *
     * <p>Answers of a judge that a user has bound are stored (docs/extending.md says where) and no question is asked twice, by no stage and no run.
     *
     * @param questions several at once, for judges that are faster so
     * @return as many lists as questions, each as long as its question's responses
     */
    List<List<Integer>> rank(List<Question> questions);

    /**
     * The probability that the first response of each pair is the better one, 0 to 1; NaN where the judge gave no verdict. By default as {@link #rank} has it: 1, 0, or 0.5 for a tie.
     *
     * @return as many numbers as pairs
     */
    default double[] compare(List<Pair> pairs) {
        return rank(pairs.stream()
                        .map(pair -> new Question(pair.prompt(), List.of(pair.first(), pair.second())))
                        .toList())
                .stream()
                .mapToDouble(ranks -> Preference.of(-ranks.get(0), -ranks.get(1)))
                .toArray();
    }

    /** Stored answers belong to the judge's name, class and this: change it when the judge judges otherwise, for example after another instruction or model. */
    default String version() {
        return "";
    }
}
