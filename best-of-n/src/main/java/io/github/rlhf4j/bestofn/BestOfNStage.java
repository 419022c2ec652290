package io.github.rlhf4j.bestofn;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.OpenRewards;
import io.github.rlhf4j.rollout.PolicyTokens;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardSources;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.RolloutEngine;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The stage {@code best_of_n}: checks a config, loads models and data, and lets a {@link BestOfNTrainer} run on them. */
public final class BestOfNStage implements Stage<BestOfNConfig> {
    private final TrainingData data;
    private final RewardSources rewardSources;

    @Inject
    BestOfNStage(TrainingData data, RewardSources rewardSources) {
        this.data = data;
        this.rewardSources = rewardSources;
    }

    @Override
    public Class<BestOfNConfig> configType() {
        return BestOfNConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return rewardSources.keys(nested, given);
    }

    @Override
    public void check(BestOfNConfig config) {
        rewardSources.check(config.rewards().entries());
        config.choice().accuracyFunction().ifPresent(rewardSources::function);
        if (config.rounds().train()) {
            config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        }
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known ->
                companions(config).forEach(companion -> companion.check(longest(config, known.context()))));
        RewardSources.checkTexts(
                config.rewards().entries(), config.model(), data.check(rows(config), ExampleKind.PROMPTS, model));
    }

    /** Without rounds it makes no model. */
    @Override
    public Optional<ModelOutline> outline(BestOfNConfig config) {
        return config.rounds().train() ? config.model().outline() : Optional.empty();
    }

    @Override
    public Optional<String> dataFormat(BestOfNConfig config) {
        return Optional.of(config.choice().select().rows().configName());
    }

    @Override
    public void run(BestOfNConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = model(config, context);
                RecordSet<Prompt> rows = data.prompts(rows(config), context)) {
            model.generateWith(config.sampling().rolloutWeights());
            int positions = model.config().maxPositions();
            companions(config).forEach(companion -> companion.checkFolders(longest(config, positions)));
            CachedExamples<TokenizedPrompt> prompts = data.load(
                    rows(config),
                    RewardSources.prompts(config.rewards().entries(), config.model()),
                    text.cache(),
                    config.prompts().tokenizing(longestPrompt(config, positions)),
                    context,
                    "dataset");
            PolicyTokens policy = new PolicyTokens(
                    config.model(), text.tokenizer(), config.prompts().splitSpecialTokens());
            try (OpenRewards open = rewardSources.open(config.rewards().entries(), policy, context)) {
                run(config, context, text, model, rows, prompts, open.rewards());
            }
            if (config.rounds().train()) {
                config.tuning().saveAndMerge(model, config.model(), context);
                model.save(
                        context.directory().resolve("model"),
                        Optional.of(source),
                        config.training().save().format());
            }
        }
    }

    private static Transformer model(BestOfNConfig config, StageContext context) {
        return config.rounds().train()
                ? config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context)
                : config.model().load(Set.of(Head.LANGUAGE), context.kernels());
    }

    private void run(
            BestOfNConfig config,
            StageContext context,
            ModelText text,
            Transformer model,
            RecordSet<Prompt> rows,
            CachedExamples<TokenizedPrompt> prompts,
            Rewards rewards) {
        int[] stops = text.tokenizer().stopIds();
        StageLoop<Long> loop = loop(config, context, prompts.size());
        loop.show("reward", "reward").show("best", "reward_of_best").show("kept", "kept");
        try (SharedModel policy = context.cluster().share("policy", model);
                StageData written = StageData.open(context, "rows")) {
            RolloutEngine engine = new RolloutEngine(
                    policy,
                    text.tokenizer(),
                    config.sampling().options(stops),
                    config.choice().numGenerations(),
                    config.prompts().structuredOutputs());
            Optional<RewardFunction> measure = config.choice()
                    .accuracyFunction()
                    .map(name -> rewardSources.measuring("accuracy_function", RewardEntry.function(name)));
            Optional<ModelTrainer> trainer = config.rounds().train()
                    ? Optional.of(
                            loop.trainer("policy", model, config.training().learningRate()))
                    : Optional.empty();
            try {
                BestOfNTrainer recipe = new BestOfNTrainer(
                        config,
                        context,
                        new SampledAnswers(config, context, rows, prompts, engine, rewards, measure),
                        policy,
                        written,
                        trainer,
                        new NextTokenLoss(stops),
                        prompts.size());
                loop.run((number, batch) -> recipe.step(number));
                recipe.summarize();
            } finally {
                trainer.ifPresent(ModelTrainer::close);
            }
        }
    }

    /** An epoch of the loop is a round; what a step does follows from its number. */
    private static StageLoop<Long> loop(BestOfNConfig config, StageContext context, long rows) {
        long round = BestOfNTrainer.stepsOfRound(config, rows);
        long rounds = Math.max(1, config.rounds().rounds());
        StepsConfig steps = new StepsConfig(1, rounds * round, 1, false, OptionalLong.empty());
        TrainingConfig training = config.training().with(steps);
        return StageLoop.of(context, training, Examples.of(round, index -> index));
    }

    /** The function that measures sees the columns that rewards see. */
    private static DatasetSpec rows(BestOfNConfig config) {
        List<RewardEntry> readers = new ArrayList<>(config.rewards().entries());
        config.choice().accuracyFunction().ifPresent(name -> readers.add(RewardEntry.function(name)));
        return RewardSources.dataset(config.dataset(), readers);
    }

    private static List<CompanionModel> companions(BestOfNConfig config) {
        return RewardSources.companions(config.rewards().entries(), config.model());
    }

    private static int longest(BestOfNConfig config, int positions) {
        return longestPrompt(config, positions) + config.sampling().maxNewTokens();
    }

    private static int longestPrompt(BestOfNConfig config, int positions) {
        return config.prompts()
                .longest(positions, "max_new_tokens", config.sampling().maxNewTokens());
    }
}
