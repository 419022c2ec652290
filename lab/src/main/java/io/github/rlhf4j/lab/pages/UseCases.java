package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.lab.Findings;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Observation;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The page usecases: the hidden utility of each use case after SFT with all demonstrations and without those of one. */
public final class UseCases implements Measure {
    private static final String NONE = "none";
    private static final String BASE = "all (base)";

    @Override
    public void measure(Subject subject) {
        HiddenUtility utility = new World(subject.seed(), WorldSize.STANDARD).utility();
        int each = subject.settings().count("prompts");
        Map<String, List<String>> prompts = subject.rows(subject.settings().text("dataset"), Prompt.class).stream()
                .collect(Collectors.groupingBy(
                        row -> row.tags().useCase(),
                        LinkedHashMap::new,
                        Collectors.mapping(
                                row -> ((Content.Text) row.prompt()).text(),
                                Collectors.collectingAndThen(
                                        Collectors.toList(),
                                        all -> all.stream()
                                                .distinct()
                                                .limit(each)
                                                .toList()))));
        GenerationOptions options = GenerationOptions.builder()
                .maxNewTokens(subject.settings().count("tokens"))
                .seed(subject.seed())
                .build();
        try (LanguageModel model = subject.model("sft")) {
            prompts.forEach((useCase, own) -> subject.add(
                    Map.of("use_case", useCase), Map.of("utility", mean(utility, own, model.generate(own, options)))));
        }
        if (NONE.equals(subject.values().get("without"))) {
            try (LanguageModel model = subject.model("base")) {
                prompts.forEach((useCase, own) -> subject.add(
                        Map.of("use_case", useCase, "without", BASE),
                        Map.of("utility", mean(utility, own, model.generate(own, options)))));
            }
        }
    }

    private static double mean(HiddenUtility utility, List<String> prompts, List<GeneratedText> answers) {
        double sum = 0;
        for (int i = 0; i < prompts.size(); i++) {
            sum += utility.utility(prompts.get(i).strip(), answers.get(i).text())
                    .total();
        }
        return sum / prompts.size();
    }

    /** What a use case loses, paired by seed: without its own demonstrations, in the mean without those of each other one, and without any. */
    @Override
    public void conclude(Findings findings) {
        for (Observation all : findings.observations()) {
            if (!NONE.equals(all.values().get("without")) || !all.metrics().containsKey("utility")) {
                continue;
            }
            Object useCase = Objects.requireNonNull(all.values().get("use_case"));
            double with = utility(all);
            SortedMap<String, Double> lost = findings.observations().stream()
                    .filter(other -> useCase.equals(other.values().get("use_case"))
                            && Objects.equals(
                                    all.values().get("seed"), other.values().get("seed"))
                            && !NONE.equals(other.values().get("without")))
                    .collect(Collectors.groupingBy(
                            other -> whose(useCase, other.values().get("without")),
                            TreeMap::new,
                            Collectors.averagingDouble(other -> with - utility(other))));
            lost.forEach(
                    (whose, mean) -> findings.add(Map.of("use_case", useCase, "whose", whose), Map.of("lost", mean)));
        }
    }

    private static String whose(Object useCase, @Nullable Object without) {
        if (BASE.equals(without)) {
            return BASE;
        }
        return useCase.equals(without) ? "its own" : "the others";
    }

    private static double utility(Observation observation) {
        return Objects.requireNonNull(observation.metrics().get("utility"));
    }
}
