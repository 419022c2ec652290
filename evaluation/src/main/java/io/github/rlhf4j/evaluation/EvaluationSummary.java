package io.github.rlhf4j.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Means of all metrics by model and by use case, and differences of models paired by prompt, as trees for summary.json. */
final class EvaluationSummary {
    private final List<ModelAnswers> models;
    private final ModelAnswers baseline;
    private final EvaluationPrompts prompts;

    EvaluationSummary(List<ModelAnswers> models, ModelAnswers baseline, EvaluationPrompts prompts) {
        this.models = models;
        this.baseline = baseline;
        this.prompts = prompts;
    }

    List<String> names() {
        return models.stream().map(ModelAnswers::name).toList();
    }

    /** The index of the baseline. */
    int baseline() {
        return models.indexOf(baseline);
    }

    /** A model's mean of a metric over its prompts; empty where it has none. */
    OptionalDouble mean(int model, String metric) {
        return IntStream.range(0, prompts.size())
                .mapToObj(prompt -> models.get(model).value(metric, prompt))
                .flatMapToDouble(OptionalDouble::stream)
                .average();
    }

    /** Metrics of a model over all prompts: what is measured by answer, then distinct-n. */
    Map<String, Statistic> metrics(int model) {
        Map<String, Statistic> metrics = means(models.get(model), prompt -> true);
        List<List<String>> texts = IntStream.range(0, prompts.size())
                .mapToObj(models.get(model)::texts)
                .toList();
        DistinctWords.of(1, texts).ifPresent(distinct -> metrics.put("distinct_1", distinct));
        DistinctWords.of(2, texts).ifPresent(distinct -> metrics.put("distinct_2", distinct));
        return metrics;
    }

    private Map<String, Statistic> means(ModelAnswers model, IntPredicate wanted) {
        Map<String, Statistic> means = new LinkedHashMap<>();
        for (String metric : model.metrics()) {
            double[] values = IntStream.range(0, prompts.size())
                    .filter(wanted)
                    .mapToObj(prompt -> model.value(metric, prompt))
                    .flatMapToDouble(OptionalDouble::stream)
                    .toArray();
            if (values.length > 0) {
                means.put(metric, Statistic.of(values));
            }
        }
        return means;
    }

    /** The difference of a metric, a model's less another's, over the prompts where both have it; empty where there are none. */
    Optional<Statistic> difference(int model, int other, String metric) {
        List<Double> differences = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            OptionalDouble one = models.get(model).value(metric, prompt);
            OptionalDouble two = models.get(other).value(metric, prompt);
            if (one.isPresent() && two.isPresent()) {
                differences.add(one.getAsDouble() - two.getAsDouble());
            }
        }
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of(Statistic.of(
                        differences.stream().mapToDouble(Double::doubleValue).toArray()));
    }

    /** {model: {metric: {mean, se, n}, by_use_case: {use case: {metric: ...}}}}. */
    Map<String, Object> models() {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (int model = 0; model < models.size(); model++) {
            Map<String, Object> entry = trees(metrics(model));
            Map<String, Object> byUseCase = byUseCase(models.get(model));
            if (!byUseCase.isEmpty()) {
                entry.put("by_use_case", byUseCase);
            }
            tree.put(models.get(model).name(), entry);
        }
        return tree;
    }

    private Map<String, Object> byUseCase(ModelAnswers model) {
        Set<String> useCases = new TreeSet<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            useCases.add(prompts.useCase(prompt));
        }
        useCases.remove("");
        Map<String, Object> tree = new LinkedHashMap<>();
        for (String useCase : useCases) {
            tree.put(
                    useCase,
                    trees(means(model, prompt -> prompts.useCase(prompt).equals(useCase))));
        }
        return tree;
    }

    /** {"later-earlier": {metric: {mean, se, n}}} of all pairs of models, in both directions. */
    Map<String, Object> differences() {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (int later = 0; later < models.size(); later++) {
            for (int earlier = 0; earlier < models.size(); earlier++) {
                if (later != earlier) {
                    tree.put(names().get(later) + "-" + names().get(earlier), differences(later, earlier));
                }
            }
        }
        return tree;
    }

    private Map<String, Object> differences(int model, int other) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (String metric : models.get(model).metrics()) {
            difference(model, other, metric).ifPresent(statistic -> tree.put(metric, statistic.tree()));
        }
        return tree;
    }

    private static Map<String, Object> trees(Map<String, Statistic> statistics) {
        Map<String, Object> tree = new LinkedHashMap<>();
        statistics.forEach((metric, statistic) -> tree.put(metric, statistic.tree()));
        return tree;
    }

    /** The first samples of all models to the first {@code count} prompts: {prompt, use_case, answers: {model: {text, metrics}}}. */
    List<Map<String, Object>> samples(int count) {
        List<Map<String, Object>> samples = new ArrayList<>();
        for (int prompt = 0; prompt < Math.min(count, prompts.size()); prompt++) {
            Map<String, Object> answers = new LinkedHashMap<>();
            for (ModelAnswers model : models) {
                Answer first = model.byPrompt().get(prompt).get(0);
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("text", first.text());
                answer.putAll(first.measures());
                answers.put(model.name(), answer);
            }
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("prompt", prompts.text(prompt));
            sample.put("use_case", prompts.useCase(prompt));
            sample.put("answers", answers);
            samples.add(sample);
        }
        return samples;
    }
}
