package io.github.rlhf4j.judge;

import java.util.List;
import java.util.Map;

/** A model that is asked for a number: the mean of the numbers that it could answer, by their probabilities (Liu et al. 2023, arXiv:2303.16634). */
final class PromptedScoring implements ScoringJudge {
    private final PromptedJudge prompts;
    private final List<String> numbers;
    private final VerdictSource model;

    PromptedScoring(PromptedJudge prompts, List<String> numbers, VerdictSource model) {
        this.prompts = prompts;
        this.numbers = List.copyOf(numbers);
        this.model = model;
    }

    @Override
    public double[] score(List<Answer> answers) {
        return model.ask(answers.stream().map(this::question).toList(), numbers).stream()
                .mapToDouble(this::mean)
                .toArray();
    }

    private double mean(double[] probabilities) {
        double mean = probabilities.length == 0 ? Double.NaN : 0;
        for (int i = 0; i < probabilities.length; i++) {
            mean += probabilities[i] * Integer.parseInt(numbers.get(i));
        }
        return mean;
    }

    private String question(Answer answer) {
        return prompts.question(
                answer.prompt(), Map.of(JudgePrompts.RESPONSE, answer.response().strip()), List.of(answer.response()));
    }
}
