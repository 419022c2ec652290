package io.github.rlhf4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.rlhf4j.Run;
import io.github.rlhf4j.StageResult;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import io.github.rlhf4j.pipeline.report.MetricGuide;
import io.github.rlhf4j.pipeline.report.StageMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * A metric of interest: a name, and how it is read from a run. Every number of a stage's entry in summary.json has one.
 *
 * <p>{@code dpo.eval_loss} is a stage's metric; {@code evaluate.ppo.hidden_utility} a model's in a stage of type evaluate; {@code evaluate.synthetic:rankings_eval.accuracy} a reward model's on rankings. {@code judge.agreement.kappa} any number in the entry. {@code
 * sft.seconds} and {@code sft.peak_rss_mb} are the stage's too; they are not the same when a run is made again.
 */
record Measure(String name, ToDoubleFunction<Run> of, boolean isMeasured) {
    private static final List<String> OF_ANY = List.of( // in summary.json, without a meaning in the report
            "seconds", "prepare_seconds", "peak_rss_mb", "energy_consumed", "num_tokens", "best_step", "episode");
    private static final String OF_REWARDS = "(eval_)?rewards/.+/(mean|std)"; // with the name of each
    private static final List<String> TREES = List.of(
            "data", "curve", "removed", "groups", "agreement", "calibration(_[^.]+)?", "differences", "baseline");
    private static final List<String> PARTS = List.of("models", "rankings");

    /** One that runs themselves write down. */
    static Measure named(String name) {
        return new Measure(name, run -> read(run, name), false);
    }

    /** One that is measured on a complete run. */
    static Measure of(String name, ToDoubleFunction<Run> measure) {
        return new Measure(name, measure, true);
    }

    String stage() {
        return stage(name);
    }

    static String stage(String name) {
        return name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    }

    static String rest(String name) {
        return name.contains(".") ? name.substring(name.indexOf('.') + 1) : "";
    }

    private static double read(Run run, String name) {
        StageResult stage = run.stage(stage(name));
        return value(stage.summary(), rest(name)).orElseThrow(() -> new UserError(missing(stage, rest(name))));
    }

    /** A metric in a stage's entry of summary.json. */
    static OptionalDouble value(JsonNode summary, String metric) {
        JsonNode value = summary.path("metrics").path(metric);
        for (String part : PARTS) {
            for (Map.Entry<String, JsonNode> entry : summary.path(part).properties()) {
                if (value.isMissingNode() && metric.startsWith(entry.getKey() + ".")) {
                    value = entry.getValue()
                            .path(metric.substring(entry.getKey().length() + 1))
                            .path("mean");
                }
            }
        }
        if (value.isMissingNode()) {
            value = below(summary, metric);
        }
        return value.isNumber() ? OptionalDouble.of(value.doubleValue()) : OptionalDouble.empty();
    }

    /** What is at a path of keys and numbers of list items, with dots between; keys may have dots themselves. Of {@code {mean, se, n}} the mean. */
    private static JsonNode below(JsonNode tree, String path) {
        if (path.isEmpty()) {
            return tree.isNumber() ? tree : tree.path("mean");
        }
        if (tree.isArray()) {
            String item = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
            String rest = path.substring(Math.min(path.length(), item.length() + 1));
            return item.matches("[0-9]{1,9}")
                    ? below(tree.path(Integer.parseInt(item)), rest)
                    : MissingNode.getInstance();
        }
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            String key = entry.getKey();
            if (path.equals(key) || path.startsWith(key + ".")) {
                JsonNode found = below(entry.getValue(), path.substring(Math.min(path.length(), key.length() + 1)));
                if (found.isNumber()) {
                    return found;
                }
            }
        }
        return MissingNode.getInstance();
    }

    /** The standard error of a metric in a stage's entry of summary.json; NaN where there is none. */
    static double error(JsonNode summary, String metric) {
        JsonNode error = summary.path("metrics").path(metric + "_se");
        for (String part : PARTS) {
            for (Map.Entry<String, JsonNode> entry : summary.path(part).properties()) {
                if (error.isMissingNode() && metric.startsWith(entry.getKey() + ".")) {
                    error = entry.getValue()
                            .path(metric.substring(entry.getKey().length() + 1))
                            .path("se");
                }
            }
        }
        return error.isNumber() ? error.doubleValue() : Double.NaN;
    }

    private static String missing(StageResult stage, String metric) {
        List<String> known = names(stage.summary());
        return "stage " + stage.name() + " gives no metric " + metric + "; it has "
                + (known.isEmpty() ? "none" : String.join(", ", known)) + Suggestion.phrase(metric, known);
    }

    /** The metrics in a stage's entry of summary.json. */
    static List<String> names(JsonNode summary) {
        List<String> names = new ArrayList<>();
        summary.path("metrics").properties().stream()
                .filter(entry -> entry.getValue().isNumber())
                .forEach(entry -> names.add(entry.getKey()));
        for (String part : PARTS) {
            summary.path(part)
                    .properties()
                    .forEach(model -> model.getValue().properties().stream()
                            .filter(entry -> entry.getValue().path("mean").isNumber())
                            .forEach(entry -> names.add(model.getKey() + "." + entry.getKey())));
        }
        return names;
    }

    /** What is known of a metric: of the last part of its name. */
    static Optional<MetricGuide.Entry> guide(String name) {
        String metric = rest(name);
        Optional<MetricGuide.Entry> whole = MetricGuide.of(metric);
        return whole.isPresent() || !metric.contains(".")
                ? whole
                : MetricGuide.of(metric.substring(metric.lastIndexOf('.') + 1));
    }

    /**
     * What is wrong with a name, as far as a run's plan tells.
     *
     * @param configs of the stages
     * @param ours types of stages that this program has; of others nothing is known
     */
    static Optional<String> mistake(String name, Map<String, EffectiveConfig> configs, List<String> ours) {
        String stage = stage(name);
        EffectiveConfig config = configs.get(stage);
        if (config == null || rest(name).isEmpty()) {
            return Optional.of(
                    "experiment.metrics: " + name + " must be a stage's name, a dot and its metric; the stages are "
                            + String.join(", ", configs.keySet()) + Suggestion.phrase(stage, configs.keySet()));
        }
        String type = line(config, "type");
        String metric = rest(name);
        if (!ours.contains(type) || OF_ANY.contains(metric) || isInTree(metric)) {
            return Optional.empty();
        }
        if (type.equals("evaluate")) {
            return evaluation(name, config);
        }
        if (!StageMetrics.mayGive(type, metric)) {
            List<String> near = MetricGuide.all().keySet().stream()
                    .filter(known -> StageMetrics.mayGive(type, known))
                    .toList();
            return Optional.of("experiment.metrics: stage " + stage + " of type " + type + " gives no metric " + metric
                    + ", which is of "
                    + String.join(", ", StageMetrics.typesOf(metric).orElse(List.of()))
                    + Suggestion.phrase(metric, near));
        }
        if (guide(name).isEmpty() && StageMetrics.typesOf(metric).isEmpty() && !metric.matches(OF_REWARDS)) {
            return Optional.of("experiment.metrics: no stage gives a metric " + metric + " (" + name + ")"
                    + Suggestion.phrase(metric, MetricGuide.all().keySet()));
        }
        boolean isOfNone = metric.startsWith("eval_") && List.of("null", "").contains(line(config, "eval_dataset"));
        return isOfNone
                ? Optional.of("experiment.metrics: " + name + " needs held-out data: give " + stage + ".eval_dataset")
                : Optional.empty();
    }

    /** Of a part of summary.json below the metrics, which only the run itself knows: {@code data.dataset.rows}. */
    private static boolean isInTree(String metric) {
        return TREES.stream().anyMatch(tree -> metric.matches(tree + "\\..+"));
    }

    private static Optional<String> evaluation(String name, EffectiveConfig config) {
        List<String> parts = new ArrayList<>(names(config.entries().entries().get("models")));
        parts.addAll(names(config.entries().entries().get("rankings")));
        String metric = rest(name);
        Optional<String> part =
                parts.stream().filter(one -> metric.startsWith(one + ".")).findFirst();
        if (part.isEmpty()) {
            return Optional.of("experiment.metrics: " + name + " must name a model of the evaluation: " + stage(name)
                    + ".MODEL.METRIC; the models are " + String.join(", ", parts));
        }
        String last = metric.substring(part.get().length() + 1);
        boolean isKnown = MetricGuide.of(last).isPresent()
                || List.of("hidden_utility_accuracy", "difference").contains(last);
        return isKnown
                ? Optional.empty()
                : Optional.of("experiment.metrics: no evaluation gives a metric " + last + " (" + name + ")"
                        + Suggestion.phrase(last, MetricGuide.all().keySet()));
    }

    private static String line(EffectiveConfig config, String key) {
        ConfigValue value = config.entries().entries().get(key);
        return value == null ? "" : value.toLine();
    }

    private static List<String> names(@org.jspecify.annotations.Nullable ConfigValue value) {
        if (value instanceof ConfigValue.Entries map) {
            return List.copyOf(map.entries().keySet());
        }
        if (value instanceof ConfigValue.Items list) {
            return list.items().stream().map(Measure::text).toList();
        }
        return value instanceof ConfigValue.Scalar scalar && !scalar.isNull() ? List.of(scalar.text()) : List.of();
    }

    private static String text(ConfigValue value) {
        return value instanceof ConfigValue.Scalar scalar ? scalar.text() : value.toLine();
    }
}
