package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.math.RunningStatistics;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Proximal policy optimisation from a reward model or a reward function, in the RLHF form of Ziegler et al. 2019 (arXiv:1909.08593) and Ouyang et al. 2022 (arXiv:2203.02155).
 */
public final class PpoTrainer implements Stage<PpoConfig> {
    private final TrainingData data;
    private final Map<String, RewardFunction> rewardFunctions;

    @Inject
    PpoTrainer(TrainingData data, Map<String, RewardFunction> rewardFunctions) {
        this.data = data;
        this.rewardFunctions = Map.copyOf(rewardFunctions);
    }

    @Override
    public Class<PpoConfig> configType() {
        return PpoConfig.class;
    }

    @Override
    public void check(PpoConfig config) {
        config.rewardFunction().ifPresent(name -> {
            if (!rewardFunctions.containsKey(name)) {
                throw new UserError("unknown reward_function " + name + "; available: "
                        + (rewardFunctions.isEmpty()
                                ? "none"
                                : String.join(", ", new TreeSet<>(rewardFunctions.keySet()))));
            }
        });
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known -> {
            int longest = PpoData.longestPrompt(config, known.context()) + config.responseLength();
            PpoModels.companions(config).forEach(companion -> companion.check(longest));
            config.rollouts().checkStop(known.ids());
        });
        data.check(PpoData.prompts(config), ExampleKind.PROMPTS, model);
        config.ptxDataset().ifPresent(spec -> data.check(spec, ExampleKind.SEQUENCES, model));
    }

    @Override
    public Optional<ModelOutline> outline(PpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(PpoConfig config, StageContext context) {
        Path source = config.model().directory();
        TrainingConfig training = config.loopOver();
        CounterRandom random = context.random();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                PpoModels models = PpoModels.load(config, context)) {
            PpoData prompts = PpoData.load(config, data, text, models, context);
            ExampleOrder<TokenizedPrompt> order = training.order(prompts.prompts(), random);
            LoopSettings loop = training.loop(order);
            long iterations = loop.steps();
            try (ModelTrainer policy = trainer(
                            models.policy(), training.learningRate(), config, iterations, random.derive("policy"));
                    ModelTrainer value = models.value().isEmpty()
                            ? policy
                            : trainer(
                                    models.valueSource(),
                                    config.valueRate(),
                                    config,
                                    iterations,
                                    random.derive("value"))) {
                PpoIteration iteration = assemble(config, context, text, models, prompts, policy, value);
                context.train(loop, number -> iteration.run(number, order.batch(number)), StageContext.Evaluation.NONE);
                models.save(
                        context.directory(), source, config.training().save().format());
            }
        }
    }

    private static ModelTrainer trainer(
            Transformer model, double learningRate, PpoConfig config, long iterations, CounterRandom random) {
        TrainingConfig training = config.training();
        return new ModelTrainer(model, learningRate, training.schedule(iterations), training.optimizer(0), random);
    }

    private PpoIteration assemble(
            PpoConfig config,
            StageContext context,
            ModelText text,
            PpoModels models,
            PpoData prompts,
            ModelTrainer policy,
            ModelTrainer value) {
        Optional<ModelTrainer> ownValue = models.value().map(model -> value);
        PpoState state = new PpoState(config.klControllerAtStart(), normalizer(config));
        context.register("policy", policy);
        ownValue.ifPresent(trainer -> context.register("value", trainer));
        models.average().ifPresent(average -> context.register("ema", average));
        context.register("ppo", state);
        context.show("score", "objective/raw_scores");
        context.show("kl", "objective/kl");
        context.show("len", "objective/response_length");
        RewardSource scorer = scorer(config, models);
        RolloutCollector collector = new RolloutCollector(
                config,
                new Generator(models.policy()),
                text.tokenizer(),
                config.rollouts().takesTrainersLogProbs()
                        ? Optional.of(batchScorer(models.policy()))
                        : Optional.empty(),
                batchScorer(models.reference()),
                batchScorer(models.valueSource()),
                scorer);
        Optional<ExampleOrder<List<TokenSequence>>> ptx = prompts.ptx()
                .map(examples -> new ExampleOrder<>(
                        examples,
                        config.ptxBatchSize(),
                        config.training().shuffle(),
                        context.random().derive("ptx")));
        int endToken = text.tokenizer().eosId().orElse(-1);
        return new PpoIteration(
                config,
                context,
                state,
                collector,
                new PpoUpdater(config, policy, ownValue, ptx, endToken),
                () -> models.average().ifPresent(average -> average.update(models.policy())),
                new SelfChecks(
                        context,
                        scorer,
                        startsAtReference(config),
                        config.temperature(),
                        config.rollouts().exactOnPolicy()));
    }

    private static BatchScorer batchScorer(Transformer model) {
        return new BatchScorer(model, OptimizerSettings.defaultMicroBatchTokens(model));
    }

    private RewardSource scorer(PpoConfig config, PpoModels models) {
        if (models.reward().isPresent()) {
            Transformer reward = models.reward().get();
            String given = config.rewardModel().orElseThrow().given();
            return RewardSource.of(given, reward, OptimizerSettings.defaultMicroBatchTokens(reward));
        }
        String name = config.rewardFunction().orElseThrow();
        return RewardSource.of(name, Objects.requireNonNull(rewardFunctions.get(name)));
    }

    private static ScoreNormalizer normalizer(PpoConfig config) {
        return switch (config.rewardNormalization()) {
            case NONE -> new ScoreNormalizer.None();
            case BATCH -> new ScoreNormalizer.Batch();
            case RUNNING -> new ScoreNormalizer.Running(RunningStatistics.EMPTY);
            case STORED -> stored(config.rewardModel().orElseThrow());
        };
    }

    private static ScoreNormalizer stored(ModelReference rewardModel) {
        ScoreStatistics statistics = HuggingFaceConfig.read(rewardModel.directory())
                .scoreStatistics()
                .orElseThrow(() -> new UserError(
                        "reward_normalization: stored needs score_mean and score_std in the config.json of "
                                + rewardModel.directory() + ", which a reward stage writes; take running or batch"));
        return new ScoreNormalizer.Stored(statistics.mean(), statistics.std());
    }

    private static boolean startsAtReference(PpoConfig config) {
        return config.refModel()
                .map(ModelReference::directory)
                .orElse(config.model().directory())
                .equals(config.model().directory());
    }
}
