package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Group;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The page injection: answers to questions about facts of which some documents state a falsehood, by their number, after each stage. */
public final class Injection implements Measure {
    private static final int ANSWER_TOKENS = 20;

    @Override
    public void measure(Subject subject) {
        Map<Integer, List<FactQuestion>> byDocuments =
                subject.rows(subject.settings().text("dataset"), Prompt.class).stream()
                        .map(FactQuestion::of)
                        .filter(question -> question.injected() >= 0)
                        .collect(Collectors.groupingBy(FactQuestion::injected, TreeMap::new, Collectors.toList()));
        GenerationOptions greedy = GenerationOptions.builder()
                .greedy(true)
                .maxNewTokens(ANSWER_TOKENS)
                .build();
        for (String stage : subject.settings().texts("stages")) {
            try (LanguageModel model = subject.model(stage)) {
                byDocuments.forEach((documents, questions) ->
                        subject.add(Map.of("stage", stage, "documents", documents), shares(model, questions, greedy)));
            }
        }
    }

    private static Map<String, Double> shares(
            LanguageModel model, List<FactQuestion> questions, GenerationOptions options) {
        List<GeneratedText> texts =
                model.generate(questions.stream().map(FactQuestion::prompt).toList(), options);
        double right = 0;
        double falsehood = 0;
        for (int i = 0; i < texts.size(); i++) {
            String answer = texts.get(i).text();
            right += questions.get(i).isRight(answer) ? 1 : 0;
            falsehood += FactQuestion.names(answer, questions.get(i).other()) ? 1 : 0;
        }
        return Map.of("right", right / texts.size(), "falsehood", falsehood / texts.size());
    }

    /** Where half of the answers that are right or false are false: between two numbers of documents linearly in the logarithm of one more than the number. */
    @Override
    public void conclude(Findings findings) {
        Map<Object, List<Group>> stages = findings.groups().stream()
                .filter(group -> group.metrics().containsKey("falsehood"))
                .collect(Collectors.groupingBy(
                        group -> group.values().getOrDefault("stage", ""), LinkedHashMap::new, Collectors.toList()));
        stages.forEach((stage, groups) -> {
            double half = half(groups);
            if (Double.isFinite(half)) {
                findings.add(Map.of("stage", stage, "kind", "half"), Map.of("half_at", half));
            }
        });
    }

    private static double half(List<Group> groups) {
        for (int i = 1; i < groups.size(); i++) {
            double before = falseShare(groups.get(i - 1));
            double after = falseShare(groups.get(i));
            if (before < 0.5 && after >= 0.5) {
                double from = Math.log1p(groups.get(i - 1).number("documents"));
                double to = Math.log1p(groups.get(i).number("documents"));
                return Math.expm1(from + (to - from) * (0.5 - before) / (after - before));
            }
        }
        return Double.NaN;
    }

    private static double falseShare(Group group) {
        double falsehood = group.number("falsehood");
        double both = falsehood + group.number("right");
        return both == 0 ? 0 : falsehood / both;
    }
}
