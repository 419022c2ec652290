package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.rollout.RewardFailure;
import io.github.rlhf4j.rollout.RewardFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a reward function finds, and pass@k without bias from n answers of which c are right.
 *
 * <pre>  pass@k = 1 - C(n - c, k) / C(n, k)</pre>
 *
 * <p>Source: Chen et al. 2021, arXiv:2107.03374, Eq. 1.
 */
final class VerifierMeasures {
    private static final double RIGHT = 1; // an answer with this score or more

    private final String name;
    private final RewardFunction function;
    private final List<Integer> passAtK;

    /**
     * @param name the metric's
     * @param function whose scores are checked
     */
    VerifierMeasures(String name, RewardFunction function, List<Integer> passAtK) {
        this.name = name;
        this.function = function;
        this.passAtK = passAtK;
    }

    /** Measures all answers of a model. */
    void measure(EvaluationPrompts prompts, ModelAnswers model) {
        List<RewardFunction.Answer> asked = new ArrayList<>();
        List<Integer> promptOf = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            Map<String, Object> columns = prompts.prompts().get(prompt).tags().columns();
            for (Answer answer : model.byPrompt().get(prompt)) {
                asked.add(new RewardFunction.Answer(
                        prompts.text(prompt), answer.text(), answer.ids().length, answer.ended(), columns));
                promptOf.add(prompt);
            }
        }
        double[] scores =
                RewardFailure.ending(() -> function.score(asked), place -> prompts.describe(promptOf.get(place)));
        int next = 0;
        for (List<Answer> answers : model.byPrompt()) {
            int right = 0;
            int scored = 0;
            for (int i = 0; i < answers.size(); i++) {
                right += scores[next + i] >= RIGHT ? 1 : 0;
                scored += Double.isNaN(scores[next + i]) ? 0 : 1;
            }
            for (Answer answer : answers) {
                if (!Double.isNaN(scores[next])) { // a function may have no score for an answer
                    answer.measure(name, scores[next]);
                }
                next++;
            }
            for (int k : passAtK) {
                if (scored >= k) {
                    double chance = passAtK(scored, right, k);
                    answers.forEach(answer -> answer.measure("pass@" + k, chance));
                }
            }
        }
    }

    /** The chance that k of n answers, drawn without replacement, have one of the {@code right} ones among them. */
    static double passAtK(int n, int right, int k) {
        double none = 1;
        for (int i = 0; i < k; i++) {
            none *= (double) Math.max(0, n - right - i) / (n - i);
        }
        return 1 - none;
    }
}
