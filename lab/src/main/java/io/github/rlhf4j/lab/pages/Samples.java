package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Sampled answers to problems with one right answer, as texts of digits. */
final class Samples {
    /**
     * The answers to one problem.
     *
     * @param right the right answer
     * @param texts one a sample
     * @param logProbs of the whole texts, nats
     */
    record Answers(String right, List<String> texts, List<Double> logProbs) {
        double accuracy() {
            return texts.stream().filter(right::equals).count() / (double) texts.size();
        }

        /** Different answers of all, from 1 / n to 1. */
        double distinct() {
            return texts.stream().distinct().count() / (double) texts.size();
        }

        /** The share of answers that are numbers and nothing else. */
        double readable() {
            return texts.stream().filter(text -> text.matches("\\d+")).count() / (double) texts.size();
        }

        /** The share of pairs of answers that differ. */
        double disagreement() {
            int n = texts.size();
            Map<String, Long> counts = new HashMap<>();
            texts.forEach(text -> counts.merge(text, 1L, Long::sum));
            double same = counts.values().stream()
                    .mapToDouble(count -> count * (count - 1.0))
                    .sum();
            return n < 2 ? 0 : 1 - same / (n * (n - 1.0));
        }

        Answers part(int from, int to) {
            return new Answers(right, texts.subList(from, to), logProbs.subList(from, to));
        }

        /** Whether the most frequent answer is right; of several the one that came first. */
        double majority() {
            Map<String, Long> counts = new HashMap<>();
            texts.forEach(text -> counts.merge(text, 1L, Long::sum));
            long most =
                    counts.values().stream().mapToLong(Long::longValue).max().orElse(0);
            String answer = texts.stream()
                    .filter(text -> counts.getOrDefault(text, 0L) == most)
                    .findFirst()
                    .orElse("");
            return answer.equals(right) ? 1 : 0;
        }

        /** Whether the answer that the model finds likeliest is right. */
        double likeliest() {
            int best = 0;
            for (int i = 1; i < texts.size(); i++) {
                best = logProbs.get(i) > logProbs.get(best) ? i : best;
            }
            return texts.get(best).equals(right) ? 1 : 0;
        }

        /** Whether any answer is right: what a verifier that is never wrong would find. */
        double covered() {
            return texts.contains(right) ? 1 : 0;
        }
    }

    private Samples() {}

    static List<Answers> of(LanguageModel model, List<Prompt> prompts, GenerationOptions options) {
        List<String> texts = prompts.stream()
                .map(row -> ((Content.Text) row.prompt()).text())
                .toList();
        List<GeneratedText> generated = model.generate(texts, options);
        int samples = options.samples();
        List<Answers> answers = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            List<GeneratedText> own = generated.subList(i * samples, (i + 1) * samples);
            answers.add(new Answers(
                    String.valueOf(prompts.get(i).tags().columns().get("answer")),
                    own.stream().map(text -> text.text().strip()).toList(),
                    own.stream()
                            .map(text -> Arrays.stream(text.tokens().logProbs()).sum())
                            .toList()));
        }
        return answers;
    }

    static double mean(List<Answers> answers, ToDoubleFunction<Answers> measure) {
        return answers.stream().mapToDouble(measure).average().orElse(Double.NaN);
    }
}
