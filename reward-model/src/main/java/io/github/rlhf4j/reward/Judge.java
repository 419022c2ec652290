package io.github.rlhf4j.reward;

import java.util.List;

/**
 * Labels responses in the place of people (RLAIF): bound by name in a Guice module of the user's, {@code judgeBinder(binder()).bind("brevity", BrevityJudge.class)}, and named by {@code judge: brevity}
 * in a reward stage or, for any stage that takes rankings or pairs, by the dataset {@code judged:brevity:<dataset>}.
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
     * Ranks for the responses of each question, in order: 1 is the best, equal numbers are ties. A question whose responses all tie is left out of the data. The same question should get
     * the same ranks whatever else is in the list.
     *
     * <p>Answers are stored (docs/extending.md says where) and no question is asked twice, by no stage and no run.
     *
     * @param questions several at once, for judges that are faster so
     * @return as many lists as questions, each as long as its question's responses
     */
    List<List<Integer>> rank(List<Question> questions);

    /** Stored answers belong to the judge's name, class and this: change it when the judge judges otherwise, for example after another instruction or model. */
    default String version() {
        return "";
    }
}
