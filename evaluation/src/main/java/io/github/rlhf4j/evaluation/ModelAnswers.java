package io.github.rlhf4j.evaluation;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * A model's answers.
 *
 * @param name the model's
 * @param byPrompt (prompts, samples)
 */
record ModelAnswers(String name, List<List<Answer>> byPrompt) {
    /** Every metric that some answer has, in order of first appearance. */
    Set<String> metrics() {
        Set<String> metrics = new LinkedHashSet<>();
        byPrompt.forEach(answers ->
                answers.forEach(answer -> metrics.addAll(answer.measures().keySet())));
        return metrics;
    }

    /** The mean over a prompt's samples; empty where the metric means nothing for the prompt. */
    OptionalDouble value(String metric, int prompt) {
        return byPrompt.get(prompt).stream()
                .flatMapToDouble(answer -> answer.measure(metric).stream())
                .average();
    }

    /** All texts of a prompt. */
    List<String> texts(int prompt) {
        return byPrompt.get(prompt).stream().map(Answer::text).toList();
    }
}
