package io.github.rlhf4j.evaluation;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.AdapterReference;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The config of a stage of type {@code evaluate}.
 *
 * @param models language models to compare; each is called by its name in a map of models, else by its stage's name or its folder's (of .../sft/model: sft); none where only rankings are evaluated
 * @param dataset rows with prompts; with models
 * @param baseline the name of the model that KL and win rate refer to; absent: {@code sft} where there is one, else the first
 * @param rewardModel scores the answers and the rankings
 * @param rankings rankings or pairs on which reward model and hidden utility are held against the labels
 * @param verifier a program that scores the answers
 * @param sampling how answers are drawn
 * @param applyChatTemplate whether plain prompts go through a model's chat template; absent: they do not
 * @param limit take the first so many prompts and rankings, >= 0; 0: all
 * @param loggedPrompts write the answers to the first so many prompts to samples.jsonl, >= 0
 */
public record EvaluateConfig(
        List<ModelReference> models,
        Optional<DatasetSpec> dataset,
        Optional<String> baseline,
        Optional<ModelReference> rewardModel,
        List<DatasetSpec> rankings,
        VerifierConfig verifier,
        AnswerSampling sampling,
        Optional<Boolean> applyChatTemplate,
        int limit,
        int loggedPrompts) {
    private static final String DEFAULT_BASELINE = "sft";

    public EvaluateConfig {
        models = List.copyOf(models);
        rankings = List.copyOf(rankings);
        List<String> names = models.stream().map(EvaluateConfig::name).toList();
        checkConfig(
                !models.isEmpty() || !rankings.isEmpty(),
                "models",
                names,
                "must name at least one model (or give rankings)");
        checkConfig(
                names.stream().distinct().count() == names.size(),
                "models",
                names,
                "must have different names; give names of your own in a map, {name: model, ...}");
        checkConfig(
                dataset.isPresent() || models.isEmpty(),
                "dataset",
                "absent",
                "must be given for models, such as synthetic:eval_prompts");
        checkConfig(
                baseline.isEmpty() || names.contains(baseline.get()),
                "baseline",
                baseline.orElse(""),
                "must be one of the models " + names);
        checkConfig(
                rankings.isEmpty() || rewardModel.isPresent(),
                "rankings",
                rankings.stream().map(DatasetSpec::path).toList(),
                "must be given together with reward_model");
        verifier.check(sampling.numSamples());
        checkConfig(
                !models.isEmpty() || verifier.rewardFunction().isEmpty(),
                "reward_function",
                verifier.rewardFunction().orElse(""),
                "does nothing without models, so must be left out");
        checkConfig(limit >= 0, "limit", limit, "must be >= 0 (0: all)");
        checkConfig(loggedPrompts >= 0, "logged_prompts", loggedPrompts, "must be >= 0");
    }

    /** Without a program that scores. */
    public EvaluateConfig(
            List<ModelReference> models,
            Optional<DatasetSpec> dataset,
            Optional<String> baseline,
            Optional<ModelReference> rewardModel,
            List<DatasetSpec> rankings,
            AnswerSampling sampling,
            Optional<Boolean> applyChatTemplate,
            int limit,
            int loggedPrompts) {
        this(
                models,
                dataset,
                baseline,
                rewardModel,
                rankings,
                VerifierConfig.NONE,
                sampling,
                applyChatTemplate,
                limit,
                loggedPrompts);
    }

    /** The rows with prompts; a reward function sees all of their columns, where {@code keep} does not say which. */
    Optional<DatasetSpec> prompts() {
        return dataset.map(verifier::seeing);
    }

    /** What a model is called in results: its name in the run file, else the last part of its path, or the one before a last part {@code model}. */
    static String name(ModelReference model) {
        return model.name().orElseGet(() -> nameOfPath(model));
    }

    private static String nameOfPath(ModelReference model) {
        String given = model.adapter().map(AdapterReference::given).orElse(model.given());
        Path path = Path.of(given).toAbsolutePath().normalize();
        int parts = path.getNameCount();
        boolean isResult = parts > 1 && path.endsWith("model") && !given.equals("model");
        return parts == 0
                ? given
                : path.getName(isResult ? parts - 2 : parts - 1).toString();
    }

    /** The model that KL and win rate refer to; there must be models. */
    ModelReference baselineModel() {
        String wanted = baseline.orElse(DEFAULT_BASELINE);
        return models.stream()
                .filter(model -> name(model).equals(wanted))
                .findFirst()
                .orElse(models.get(0));
    }

    /** Whether row {@code index} is within the limit. */
    boolean takes(long index) {
        return limit == 0 || index < limit;
    }
}
