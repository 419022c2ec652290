package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What is done about the best evaluation.
 *
 * @param loadBestModelAtEnd the result is the model of the best evaluation instead of the last step's
 * @param metricForBestModel which metric says so, with or without {@code eval_}; absent: loss
 * @param greaterIsBetter absent: true, unless the metric's name ends with loss
 * @param earlyStoppingPatience stop after so many evaluations in a row that are no improvement; absent: do not
 * @param earlyStoppingThreshold what counts as an improvement there; absent: any
 */
public record BestModelConfig(
        boolean loadBestModelAtEnd,
        Optional<String> metricForBestModel,
        Optional<Boolean> greaterIsBetter,
        OptionalInt earlyStoppingPatience,
        OptionalDouble earlyStoppingThreshold)
        implements ConfigGroup {
    /** Nothing. */
    public static final BestModelConfig NONE =
            new BestModelConfig(false, Optional.empty(), Optional.empty(), OptionalInt.empty(), OptionalDouble.empty());

    public BestModelConfig {
        checkConfig(
                earlyStoppingPatience.orElse(1) >= 1,
                "early_stopping_patience",
                earlyStoppingPatience.orElse(1),
                "must be >= 1, or left out");
        checkConfig(
                earlyStoppingThreshold.orElse(0) >= 0 && Double.isFinite(earlyStoppingThreshold.orElse(0)),
                "early_stopping_threshold",
                earlyStoppingThreshold.orElse(0),
                "must be finite and >= 0");
        checkConfig(
                earlyStoppingPatience.isPresent() || earlyStoppingThreshold.isEmpty(),
                "early_stopping_threshold",
                earlyStoppingThreshold.orElse(0),
                "does nothing without early_stopping_patience, so must be left out");
        checkConfig(
                metricForBestModel.isEmpty() || !metricForBestModel.get().isBlank(),
                "metric_for_best_model",
                "empty",
                "must name a metric, or be left out");
    }

    /** The result is the best evaluation's model, by that metric. */
    public static BestModelConfig by(String metric) {
        return new BestModelConfig(
                true, Optional.of(metric), Optional.empty(), OptionalInt.empty(), OptionalDouble.empty());
    }

    /** This, stopping after so many evaluations without improvement. */
    public BestModelConfig stoppingAfter(int evaluations) {
        return new BestModelConfig(
                loadBestModelAtEnd,
                metricForBestModel,
                greaterIsBetter,
                OptionalInt.of(evaluations),
                earlyStoppingThreshold);
    }

    /** The metric's name without {@code eval_}. */
    String metric() {
        return metricForBestModel.orElse("loss").replaceFirst("^eval_", "");
    }

    boolean isGreaterBetter() {
        return greaterIsBetter.orElse(!metric().endsWith("loss"));
    }

    /** Whether it matters which evaluation is the best. */
    boolean isUsed(CheckpointConfig checkpoints) {
        return loadBestModelAtEnd || earlyStoppingPatience.isPresent() || checkpoints.ofTheBest();
    }

    /** Requires that the metric is one of one of several evaluation sets. */
    void checkNames(Set<String> evalNames, CheckpointConfig checkpoints) {
        boolean isNamed =
                evalNames.contains("") || evalNames.stream().anyMatch(name -> metric().startsWith(name + "_"));
        checkConfig(
                evalNames.isEmpty() || isNamed || !isUsed(checkpoints),
                "metric_for_best_model",
                metric(),
                "must be a metric of one of the evaluation sets, such as eval_"
                        + evalNames.stream().findFirst().orElse("") + "_loss");
    }

    /** Requires evaluations to choose among, and that a metric is named for something. */
    void check(EvaluationConfig evaluation, CheckpointConfig checkpoints) {
        String needs = "does nothing without eval_steps or eval_strategy: epoch, so must be ";
        boolean evaluates = evaluation.duringTraining();
        checkConfig(evaluates || !loadBestModelAtEnd, "load_best_model_at_end", true, needs + "false");
        checkConfig(
                evaluates || earlyStoppingPatience.isEmpty(),
                "early_stopping_patience",
                earlyStoppingPatience.orElse(0),
                needs + "left out");
        checkConfig(evaluates || !checkpoints.ofTheBest(), "save_strategy", "best", needs + "another");
        boolean used = isUsed(checkpoints);
        String unused = "does nothing without load_best_model_at_end, early_stopping_patience or save_strategy: best,"
                + " so must be left out";
        checkConfig(
                used || metricForBestModel.isEmpty(), "metric_for_best_model", metricForBestModel.orElse(""), unused);
        checkConfig(used || greaterIsBetter.isEmpty(), "greater_is_better", greaterIsBetter.orElse(false), unused);
    }
}
