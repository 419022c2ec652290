package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.http.Endpoint;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * One reward of the list {@code rewards}: exactly one source, and what is common to all.
 *
 * <p>In Java: {@code RewardEntry.function("length").weight(0.5)}.
 *
 * @param function the name of a bound {@link RewardFunction}
 * @param model models with a scalar head, of any family and with any tokenizer; several are an ensemble
 * @param processModel a process reward model, with any tokenizer
 * @param http where batches are posted
 * @param name in metrics and samples; default: the function's, the model's, or http
 * @param weight in the sum; default 1
 * @param timeout seconds that a call of a function, or a request, may take; default: no limit for functions, 60 for http
 * @param onFailure what a failure means; default stop
 * @param aggregate one score of several models'; default mean
 * @param steps one score of a process model's scores of steps; default min
 * @param uncertaintyCoef weight of the models' variance with aggregate: uncertainty; default 0.5
 * @param batchSize responses in a request; default 32
 * @param parallel requests under way at once; default 8
 * @param keys the function's own
 */
public record RewardEntry(
        Optional<String> function,
        List<ModelReference> model,
        Optional<ModelReference> processModel,
        Optional<String> http,
        Optional<String> name,
        OptionalDouble weight,
        OptionalDouble timeout,
        Optional<OnFailure> onFailure,
        Optional<Aggregate> aggregate,
        Optional<StepAggregation> steps,
        OptionalDouble uncertaintyCoef,
        OptionalInt batchSize,
        OptionalInt parallel,
        GivenKeys keys) {
    private static final double UNCERTAINTY_COEF = 0.5; // Coste et al. 2023, best-of-n
    private static final int BATCH_SIZE = 32;
    private static final int PARALLEL = 8;
    private static final double LONGEST = 86_400; // s

    /** What a failure means. */
    public enum OnFailure {
        /** The run stops. */
        STOP,
        /** The response has no score, and nothing is learnt from it. */
        NONE
    }

    /**
     * One score of several models' scores.
     *
     * <p>Source: Coste et al. 2023, arXiv:2310.02743, section 3.2: mean, worst-case and uncertainty-weighted optimisation.
     */
    public enum Aggregate {
        MEAN,
        MIN,
        /** mean - uncertainty_coef * variance. */
        UNCERTAINTY
    }

    public RewardEntry {
        model = List.copyOf(model);
        int sources = (function.isPresent() ? 1 : 0)
                + (model.isEmpty() ? 0 : 1)
                + (processModel.isPresent() ? 1 : 0)
                + (http.isPresent() ? 1 : 0);
        String given = sources == 0 ? "missing, as are model, process_model and http" : "not the only source";
        checkConfig(
                sources == 1,
                "function",
                given,
                "must be given, or else model, process_model or http, and only one of them");
        http.ifPresent(url -> Endpoint.of("http", url));
        name.ifPresent(text -> checkConfig(
                text.matches("[A-Za-z0-9_.-]+"), "name", text, "must consist of letters, digits, _, . and -"));
        checkConfig(Double.isFinite(weight.orElse(1)), "weight", weight.orElse(1), "must be finite");
        checkConfig(
                timeout.orElse(1) > 0 && timeout.orElse(1) <= LONGEST,
                "timeout",
                timeout.orElse(1),
                "must be seconds > 0, at most " + (long) LONGEST);
        boolean isOutside = function.isPresent() || http.isPresent();
        onlyWith(isOutside || timeout.isEmpty(), "timeout", "a function or http");
        onlyWith(isOutside || onFailure.isEmpty(), "on_failure", "a function or http");
        onlyWith(processModel.isPresent() || steps.isEmpty(), "steps", "process_model");
        onlyWith(model.size() > 1 || aggregate.isEmpty(), "aggregate", "a list of models");
        onlyWith(
                aggregate.orElse(Aggregate.MEAN) == Aggregate.UNCERTAINTY || uncertaintyCoef.isEmpty(),
                "uncertainty_coef",
                "aggregate: uncertainty");
        double coefficient = uncertaintyCoef.orElse(0);
        checkConfig(
                coefficient >= 0 && Double.isFinite(coefficient),
                "uncertainty_coef",
                coefficient,
                "must be finite and >= 0");
        onlyWith(http.isPresent() || batchSize.isEmpty(), "batch_size", "http");
        onlyWith(http.isPresent() || parallel.isEmpty(), "parallel", "http");
        checkConfig(batchSize.orElse(1) >= 1, "batch_size", batchSize.orElse(1), "must be >= 1");
        checkConfig(
                parallel.orElse(1) >= 1 && parallel.orElse(1) <= 256,
                "parallel",
                parallel.orElse(1),
                "must be in 1 .. 256");
    }

    private static void onlyWith(boolean hasEffect, String key, String other) {
        checkConfig(hasEffect, key, "given", "does nothing without " + other + ", so must be left out");
    }

    /** A reward function; in a run file its name alone. */
    @JsonCreator
    public static RewardEntry function(String name) {
        return new Draft().with(draft -> draft.function = Optional.of(name));
    }

    /** A reward model, or an ensemble of several. */
    public static RewardEntry model(ModelReference... models) {
        return new Draft().with(draft -> draft.model = List.of(models));
    }

    /** A process reward model. */
    public static RewardEntry processModel(ModelReference model, StepAggregation steps) {
        return new Draft().with(draft -> {
            draft.processModel = Optional.of(model);
            draft.steps = Optional.of(steps);
        });
    }

    /** A server. */
    public static RewardEntry http(String url) {
        return new Draft().with(draft -> draft.http = Optional.of(url));
    }

    /** This under another name. */
    public RewardEntry named(String other) {
        return new Draft(this).with(draft -> draft.name = Optional.of(other));
    }

    /** This with another weight. */
    public RewardEntry weight(double other) {
        return new Draft(this).with(draft -> draft.weight = OptionalDouble.of(other));
    }

    /** This with a limit in seconds, and what a failure means. */
    public RewardEntry patience(double seconds, OnFailure failure) {
        return new Draft(this).with(draft -> {
            draft.timeout = OptionalDouble.of(seconds);
            draft.onFailure = Optional.of(failure);
        });
    }

    /** This with another way from several scores to one. */
    public RewardEntry aggregate(Aggregate other) {
        return new Draft(this).with(draft -> draft.aggregate = Optional.of(other));
    }

    /** This with so many responses in a request, and so many requests at once. */
    public RewardEntry batches(int size, int atOnce) {
        return new Draft(this).with(draft -> {
            draft.batchSize = OptionalInt.of(size);
            draft.parallel = OptionalInt.of(atOnce);
        });
    }

    /** This with a value of one of the function's keys. */
    public <T> RewardEntry with(ConfigKey<T> key, T value) {
        return new Draft(this).with(draft -> draft.keys = keys.with(key, value));
    }

    /** An entry that is being made. */
    private static final class Draft {
        private Optional<String> function = Optional.empty();
        private List<ModelReference> model = List.of();
        private Optional<ModelReference> processModel = Optional.empty();
        private Optional<String> http = Optional.empty();
        private Optional<String> name = Optional.empty();
        private OptionalDouble weight = OptionalDouble.empty();
        private OptionalDouble timeout = OptionalDouble.empty();
        private Optional<OnFailure> onFailure = Optional.empty();
        private Optional<Aggregate> aggregate = Optional.empty();
        private Optional<StepAggregation> steps = Optional.empty();
        private OptionalDouble uncertaintyCoef = OptionalDouble.empty();
        private OptionalInt batchSize = OptionalInt.empty();
        private OptionalInt parallel = OptionalInt.empty();
        private GivenKeys keys = GivenKeys.NONE;

        Draft() {}

        Draft(RewardEntry from) {
            function = from.function;
            model = from.model;
            processModel = from.processModel;
            http = from.http;
            name = from.name;
            weight = from.weight;
            timeout = from.timeout;
            onFailure = from.onFailure;
            aggregate = from.aggregate;
            steps = from.steps;
            uncertaintyCoef = from.uncertaintyCoef;
            batchSize = from.batchSize;
            parallel = from.parallel;
            keys = from.keys;
        }

        RewardEntry with(Consumer<Draft> change) {
            change.accept(this);
            return new RewardEntry(
                    function,
                    model,
                    processModel,
                    http,
                    name,
                    weight,
                    timeout,
                    onFailure,
                    aggregate,
                    steps,
                    uncertaintyCoef,
                    batchSize,
                    parallel,
                    keys);
        }
    }

    /** The name in metrics and samples. */
    public String shownName() {
        return name.or(() -> function).or(() -> http.map(url -> "http")).orElseGet(this::modelName);
    }

    private String modelName() {
        if (model.size() > 1) {
            return "reward_models";
        }
        return processModel
                .orElseGet(() -> model.get(0))
                .given()
                .replaceAll("[/\\\\]+$", "")
                .replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    /** The weight in the sum. */
    public double weightOrOne() {
        return weight.orElse(1);
    }

    /** What a failure means. */
    OnFailure failure() {
        return onFailure.orElse(OnFailure.STOP);
    }

    /** Whether its score is given in parts, at the end of each step. */
    public boolean isGivenByToken() {
        return stepAggregation() == StepAggregation.EACH;
    }

    /** One score of the scores of steps. */
    StepAggregation stepAggregation() {
        return steps.orElse(StepAggregation.MIN);
    }

    /** Responses in a request. */
    int requestSize() {
        return batchSize.orElse(BATCH_SIZE);
    }

    /** Requests under way at once. */
    int requestsAtOnce() {
        return parallel.orElse(PARALLEL);
    }

    /**
     * One score of the models' scores.
     *
     * <pre>  uncertainty:  mean - uncertainty_coef * mean of (score - mean)^2</pre>
     */
    double aggregated(double[] scores) {
        double sum = 0;
        double least = Double.POSITIVE_INFINITY;
        for (double score : scores) {
            sum += score;
            least = Math.min(least, score);
        }
        double mean = sum / scores.length;
        return switch (aggregate.orElse(Aggregate.MEAN)) {
            case MEAN -> mean;
            case MIN -> least;
            case UNCERTAINTY -> mean - uncertaintyCoef.orElse(UNCERTAINTY_COEF) * variance(scores, mean);
        };
    }

    private static double variance(double[] scores, double mean) {
        double sum = 0;
        for (double score : scores) {
            sum += (score - mean) * (score - mean);
        }
        return sum / scores.length;
    }
}
