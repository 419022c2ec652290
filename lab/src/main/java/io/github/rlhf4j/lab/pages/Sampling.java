package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The page sampling: samplers, inconsistency, and what more samples at test time are worth. */
public final class Sampling implements Measure {
    private static final int MOST_TOKENS = 8;

    @Override
    public void measure(Subject subject) {
        int problems = subject.settings().count("problems");
        List<Prompt> all = subject.rows(subject.settings().text("dataset"), Prompt.class);
        List<Prompt> first = ofWording(all, 0).subList(0, problems);
        try (LanguageModel sft = subject.model("sft")) {
            samplers(subject, sft, first);
            moreSamples(subject, sft, first);
            inconsistency(subject, "sft", sft, all, problems);
        }
        try (LanguageModel base = subject.model("base")) {
            inconsistency(subject, "base", base, all, problems);
        }
    }

    private static List<Prompt> ofWording(List<Prompt> rows, long wording) {
        return rows.stream()
                .filter(row -> Objects.equals(row.tags().columns().get("wording"), wording))
                .toList();
    }

    private static GenerationOptions.Builder options(Subject subject) {
        return GenerationOptions.builder()
                .maxNewTokens(MOST_TOKENS)
                .samples(subject.settings().count("samples"))
                .seed(subject.seed());
    }

    private static void samplers(Subject subject, LanguageModel model, List<Prompt> prompts) {
        double hot = subject.settings().number("hot");
        subject.settings()
                .numbers("temperature")
                .forEach(value -> sampler(
                        subject,
                        model,
                        prompts,
                        "temperature",
                        value,
                        value == 0
                                ? options(subject).greedy(true)
                                : options(subject).temperature(value)));
        subject.settings()
                .numbers("top_k")
                .forEach(value -> sampler(
                        subject,
                        model,
                        prompts,
                        "top_k",
                        value,
                        options(subject).temperature(hot).topK(value.intValue())));
        subject.settings()
                .numbers("top_p")
                .forEach(value -> sampler(
                        subject,
                        model,
                        prompts,
                        "top_p",
                        value,
                        options(subject).temperature(hot).topP(value)));
        subject.settings()
                .numbers("min_p")
                .forEach(value -> sampler(
                        subject,
                        model,
                        prompts,
                        "min_p",
                        value,
                        options(subject).temperature(hot).minP(value)));
        sampler(
                subject,
                model,
                prompts,
                "structured",
                1,
                options(subject).temperature(hot).structuredOutputs(StructuredOutputs.regex(" \\d{1,2}")));
    }

    private static void sampler(
            Subject subject,
            LanguageModel model,
            List<Prompt> prompts,
            String name,
            double value,
            GenerationOptions.Builder options) {
        subject.checkStop();
        List<Samples.Answers> answers = Samples.of(model, prompts, options.build());
        subject.add(
                Map.of("sampler", name, "value", value),
                Map.of(
                        "accuracy", Samples.mean(answers, Samples.Answers::accuracy),
                        "distinct", Samples.mean(answers, Samples.Answers::distinct),
                        "readable", Samples.mean(answers, Samples.Answers::readable)));
    }

    private static void moreSamples(Subject subject, LanguageModel model, List<Prompt> prompts) {
        subject.checkStop();
        int most = subject.settings().count("most_samples");
        List<Samples.Answers> answers =
                Samples.of(model, prompts, options(subject).samples(most).build());
        for (int n = 1; n <= most; n *= 2) {
            List<Samples.Answers> parts = new ArrayList<>();
            for (Samples.Answers one : answers) {
                for (int from = 0; from < most; from += n) {
                    parts.add(one.part(from, from + n));
                }
            }
            subject.add(
                    Map.of("samples", n, "choice", "majority"),
                    Map.of("chosen_right", Samples.mean(parts, Samples.Answers::majority)));
            subject.add(
                    Map.of("samples", n, "choice", "likeliest"),
                    Map.of("chosen_right", Samples.mean(parts, Samples.Answers::likeliest)));
            subject.add(
                    Map.of("samples", n, "choice", "perfect verifier"),
                    Map.of("chosen_right", Samples.mean(parts, Samples.Answers::covered)));
        }
    }

    /** How often two answers to one prompt differ, and two greedy answers to one problem in other words. */
    private static void inconsistency(
            Subject subject, String stage, LanguageModel model, List<Prompt> all, int problems) {
        subject.checkStop();
        List<Prompt> asked = all.subList(0, 10 * problems);
        List<Samples.Answers> sampled = Samples.of(
                model,
                ofWording(asked, 0),
                options(subject)
                        .samples(subject.settings().count("same_prompt"))
                        .build());
        List<Samples.Answers> greedy = Samples.of(
                model, asked, options(subject).samples(1).greedy(true).build());
        List<Samples.Answers> byProblem = new ArrayList<>();
        for (int i = 0; i < problems; i++) {
            List<Samples.Answers> own = greedy.subList(10 * i, 10 * (i + 1));
            byProblem.add(new Samples.Answers(
                    own.get(0).right(),
                    own.stream().map(one -> one.texts().get(0)).toList(),
                    List.of()));
        }
        subject.add(
                Map.of("stage", stage, "asked", "the same prompt, temperature 1"),
                Map.of("differ", Samples.mean(sampled, Samples.Answers::disagreement)));
        subject.add(
                Map.of("stage", stage, "asked", "ten wordings, greedy"),
                Map.of("differ", Samples.mean(byProblem, Samples.Answers::disagreement)));
        subject.add(
                Map.of("stage", stage, "asked", "ten wordings, greedy"),
                Map.of("right", Samples.mean(byProblem, Samples.Answers::accuracy)));
    }
}
