package com.example;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.List;
import java.util.Map;

/** The share of sums that a model answers rightly, by temperature. */
public final class Temperatures implements Measure {
    @Override
    public void measure(Subject subject) { // once for each run
        List<Prompt> problems = subject.rows("synthetic:arithmetic_eval/1", Prompt.class).stream()
                .limit(subject.settings().count("problems"))
                .toList();
        try (LanguageModel model = subject.model("sft")) {
            for (double temperature : subject.settings().numbers("temperatures")) {
                subject.checkStop();
                double accuracy = accuracy(model, problems, temperature, subject.seed());
                subject.add(Map.of("temperature", temperature), Map.of("accuracy", accuracy));
            }
        }
    }

    private static double accuracy(LanguageModel model, List<Prompt> problems, double temperature, long seed) {
        GenerationOptions.Builder options = GenerationOptions.builder().maxNewTokens(8).seed(seed);
        options = temperature == 0 ? options.greedy(true) : options.temperature(temperature);
        List<GeneratedText> answers = model.generate(
                problems.stream().map(problem -> ((Content.Text) problem.prompt()).text()).toList(), options.build());
        int right = 0;
        for (int i = 0; i < answers.size(); i++) {
            String answer = String.valueOf(problems.get(i).tags().columns().get("answer"));
            right += answers.get(i).text().strip().equals(answer) ? 1 : 0;
        }
        return (double) right / answers.size();
    }
}
