package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.RewardSources;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.Worlds;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Evaluation: models answer the same held-out prompts, and their answers are judged by the hidden utility of the synthetic world, by a reward model and by what can be counted; a reward
 * model, in turn, is held against rankings.
 *
 * <p>Prompts are the unit of all statistics: several samples of a prompt are averaged first, and models are compared by paired differences over prompts. Where a prompt is not one of the
 * run's synthetic world there is no hidden utility.
 */
public final class Evaluator implements Stage<EvaluateConfig> {
    private final Datasets datasets;
    private final TrainingData data;
    private final Worlds worlds;
    private final RewardSources rewardSources;

    @Inject
    Evaluator(Datasets datasets, TrainingData data, Worlds worlds, RewardSources rewardSources) {
        this.datasets = datasets;
        this.data = data;
        this.worlds = worlds;
        this.rewardSources = rewardSources;
    }

    @Override
    public Class<EvaluateConfig> configType() {
        return EvaluateConfig.class;
    }

    @Override
    public void check(EvaluateConfig config) {
        rewardSources.check(config.verifier().entry().stream().toList());
        for (ModelReference model : config.models()) {
            config.prompts().ifPresent(spec -> data.check(spec, ExampleKind.PROMPTS, model.outline()));
        }
        Optional<ModelOutline> scorer = config.rewardModel().flatMap(ModelReference::outline);
        config.rankings().forEach(spec -> data.check(spec, ExampleKind.RANKINGS, scorer));
    }

    @Override
    public void run(EvaluateConfig config, StageContext context) {
        HiddenUtility utility = worlds.of(context.dataSeed()).utility();
        if (!config.models().isEmpty()) {
            evaluateModels(config, utility, context);
        }
        if (!config.rankings().isEmpty()) {
            new RankingEvaluation(datasets, utility, context).run(config);
        }
    }

    private void evaluateModels(EvaluateConfig config, HiddenUtility utility, StageContext context) {
        // 1. The prompts, the same for all models
        try (EvaluationPrompts prompts = EvaluationPrompts.open(config, datasets, context)) {
            // 2. Every model answers, with its divergence from the baseline
            AnswerCollection collection = new AnswerCollection(config, prompts, context);
            List<ModelAnswers> models = collection.collect();
            // 3. What can be counted, and what the hidden utility finds
            boolean isOfTheWorld = isOfTheWorld(prompts.prompts(), utility);
            config.rewardModel()
                    .flatMap(reward -> TrainedJudge.warning(config.models(), reward))
                    .ifPresent(isOfTheWorld ? context::note : context::warn); // there the hidden utility judges
            models.forEach(
                    model -> measure(model, prompts, isOfTheWorld ? List.of(new WorldMeasures(utility)) : List.of()));
            // 4. What a program finds, and the reward model
            config.verifier().entry().ifPresent(entry -> {
                VerifierMeasures verifier = new VerifierMeasures(
                        entry.shownName(),
                        rewardSources.measuring("reward_function", entry),
                        config.verifier().passAtK());
                models.forEach(model -> verifier.measure(prompts, model));
            });
            config.rewardModel().ifPresent(reward -> {
                try (RewardScorer scorer = RewardScorer.open(reward, context)) {
                    for (ModelAnswers model : models) {
                        scorer.measure(prompts, model, collection.sampled(model.name()), context);
                    }
                }
            });
            // 5. Against the baseline, prompt by prompt
            ModelAnswers baseline = baseline(config, models);
            WinRate winRate = new WinRate(isOfTheWorld ? "hidden_utility" : "reward");
            models.forEach(model -> winRate.measure(model, baseline));
            // 6. Means, paired differences, texts to read
            report(new EvaluationSummary(models, baseline, prompts), config, baseline, context);
        }
    }

    private static boolean isOfTheWorld(List<Prompt> prompts, HiddenUtility utility) {
        return prompts.stream()
                .allMatch(prompt -> prompt.prompt() instanceof Content.Text text && utility.understands(text.text()));
    }

    private static void measure(ModelAnswers model, EvaluationPrompts prompts, List<WorldMeasures> world) {
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            for (Answer answer : model.byPrompt().get(prompt)) {
                TextMeasures.measure(answer);
                for (WorldMeasures measures : world) {
                    measures.measure(prompts.text(prompt), answer);
                }
            }
        }
    }

    private static ModelAnswers baseline(EvaluateConfig config, List<ModelAnswers> models) {
        String name = EvaluateConfig.name(config.baselineModel());
        return models.stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The metrics of the program that scores, the first of which models are compared by. */
    private static List<String> verified(EvaluateConfig config) {
        List<String> metrics = new ArrayList<>();
        config.verifier().rewardFunction().ifPresent(metrics::add);
        config.verifier().passAtK().forEach(k -> metrics.add("pass@" + k));
        return metrics;
    }

    private static void report(
            EvaluationSummary summary, EvaluateConfig config, ModelAnswers baseline, StageContext context) {
        context.summarize("baseline", Map.of("model", baseline.name()));
        context.summarize("models", summary.models());
        context.summarize("differences", summary.differences());
        summary.samples(config.loggedPrompts()).forEach(sample -> context.sample(0, sample));
        List<String> lines = new ArrayList<>(new EvaluationTable(summary, verified(config)).lines());
        lines.forEach(context::note);
        if (!config.sampling().isWholeDistribution() && config.models().size() > 1) {
            context.note("kl is the sum of log-prob differences on these answers; since they are not drawn from the"
                    + " models' whole distributions, it is no estimate of KL");
        }
    }
}
