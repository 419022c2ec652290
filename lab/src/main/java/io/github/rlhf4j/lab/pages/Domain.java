package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The page domain: how often the likeliest fold is the right one, and the order of helix and strands alone. */
public final class Domain implements Measure {
    private static final int FOLDS = 12;
    private static final int PAIRINGS = 3;

    @Override
    public void measure(Subject subject) {
        List<PromptCompletion> rows = subject.rows("synthetic:folds_eval", PromptCompletion.class)
                .subList(0, subject.settings().count("sequences"));
        List<String> names = rows.subList(0, FOLDS).stream()
                .map(row -> text(row.completion()))
                .toList();
        for (String stage : subject.settings().texts("stages")) {
            try (LanguageModel model = subject.model(stage)) {
                double folds = 0;
                double orders = 0;
                for (int i = 0; i < rows.size(); i++) {
                    subject.checkStop();
                    int found = best(model, text(rows.get(i).prompt()), names);
                    folds += found == i % FOLDS ? 1 : 0;
                    orders += found / PAIRINGS == i % FOLDS / PAIRINGS ? 1 : 0;
                }
                subject.add(
                        Map.of("model", stage),
                        Map.of("fold_accuracy", folds / rows.size(), "order_accuracy", orders / rows.size()));
            }
        }
    }

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }

    private static int best(LanguageModel model, String prompt, List<String> names) {
        List<Double> logProbs = names.stream()
                .map(name -> model.logProbs(prompt + name).sumLogProb())
                .toList();
        return IntStream.range(0, names.size()).reduce(0, (best, i) -> logProbs.get(i) > logProbs.get(best) ? i : best);
    }
}
