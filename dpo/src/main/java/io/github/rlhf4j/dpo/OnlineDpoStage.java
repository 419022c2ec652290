package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.Judges;
import io.github.rlhf4j.judge.OpenJudge;
import io.github.rlhf4j.rollout.OpenRewards;
import io.github.rlhf4j.rollout.PolicyTokens;
import io.github.rlhf4j.rollout.RewardSources;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.StoredGroup;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/** The stage {@code online_dpo}: checks a config, loads models and data, and lets an {@link OnlineDpoTrainer} run on them. */
public final class OnlineDpoStage implements Stage<OnlineDpoConfig> {
    static final int RESPONSES = 2;

    private final TrainingData data;
    private final LossSelection losses;
    private final RewardSources rewardSources;
    private final Optional<Judges> judges;

    @Inject
    OnlineDpoStage(
            TrainingData data,
            Map<String, PreferenceLossFactory> losses,
            RewardSources rewardSources,
            Optional<Judges> judges) {
        this.data = data;
        this.losses = new LossSelection(losses);
        this.rewardSources = rewardSources;
        this.judges = judges;
    }

    @Override
    public Class<OnlineDpoConfig> configType() {
        return OnlineDpoConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return losses.keys();
    }

    @Override
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return rewardSources.keys(nested, given);
    }

    @Override
    public void check(OnlineDpoConfig config) {
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        config.loss().beta().forEach(beta -> losses.of(config.of(beta)));
        config.judge().ifPresent(judge -> judges().check("judge", judge));
        rewardSources.check(config.rewards().entries());
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known ->
                companions(config).forEach(companion -> companion.check(longest(config, known.context()))));
        config.dataset()
                .ifPresent(spec -> RewardSources.checkTexts(
                        config.rewards().entries(),
                        config.model(),
                        data.check(rows(config), ExampleKind.PROMPTS, model)));
        config.rollouts().ifPresent(spec -> StoredGroup.check(spec, RESPONSES, model));
    }

    private Judges judges() {
        return judges.orElseThrow(() -> new UserError("judge needs the module of judges (JudgeModule)"));
    }

    @Override
    public Optional<ModelOutline> outline(OnlineDpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(OnlineDpoConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context)) {
            config.routers().applyTo(model, config.model());
            model.generateWith(config.sampling().rolloutWeights());
            int positions = model.config().maxPositions();
            companions(config).forEach(companion -> companion.checkFolders(longest(config, positions)));
            try (SharedModel policy = context.cluster().share("policy", model)) {
                RolloutEngine engine = new RolloutEngine(
                        policy,
                        text.tokenizer(),
                        config.sampling().options(text.tokenizer().stopIds()),
                        RESPONSES,
                        config.prompts().structuredOutputs());
                if (config.rollouts().isPresent()) {
                    Examples<StoredGroup> rows =
                            StoredGroup.examples(config.rollouts().get(), RESPONSES, model.config());
                    StageLoop<StoredGroup> loop = StageLoop.of(context, config.steps(), rows);
                    train(
                            config,
                            context,
                            text,
                            policy,
                            loop,
                            rows.size(),
                            (number, batch) -> IntStream.range(0, batch.size())
                                    .mapToObj(row -> OnlinePair.byScore(
                                            batch.get(row).rollouts(text.tokenizer()), config.missingEos(), row))
                                    .toList());
                } else {
                    Examples<TokenizedPrompt> rows = load(config, text, positions, context);
                    StageLoop<TokenizedPrompt> loop = StageLoop.of(context, config.steps(), rows);
                    withRanking(config, text, context, ranking -> {
                        SampledPairs pairs = new SampledPairs(config, context, loop, engine, ranking);
                        train(config, context, text, policy, loop, rows.size(), pairs);
                    });
                }
            }
            config.tuning().saveAndMerge(model, config.model(), context);
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(source),
                    config.training().save().format());
        }
    }

    private <T> void train(
            OnlineDpoConfig config,
            StageContext context,
            ModelText text,
            SharedModel policy,
            StageLoop<T> loop,
            long rows,
            PairSource<T> pairs) {
        loop.show("loss", "loss").show("scores", "objective/scores").show("accuracy", "rewards/accuracies");
        LongFunction<OnlineDpoTrainer.LossOfStep> ofStep = losses(config, rows);
        boolean needsReference = ofStep.apply(1).pairs().needsReference();
        try (StepReference<TokenizedPair> reference = needsReference
                        ? ReferenceFactory.inTheStep(
                                config.of(config.loss().beta().get(0)),
                                policy.model(),
                                ResponseLayout::pair,
                                ResponseSums.WHOLE,
                                context)
                        : new Reference.None<>(ResponseLayout::pair);
                OnlineDpoTrainer trainer = new OnlineDpoTrainer(
                        config,
                        context,
                        loop,
                        policy,
                        reference,
                        new SelfChecks<>(context, text.tokenizer(), ResponseLayout::pair),
                        text.tokenizer(),
                        ofStep)) {
            loop.run((number, batch) -> trainer.step(number, () -> pairs.of(number, batch)));
        }
    }

    /** The loss of each step: that of its epoch's beta. */
    private LongFunction<OnlineDpoTrainer.LossOfStep> losses(OnlineDpoConfig config, long rows) {
        List<OnlineDpoTrainer.LossOfStep> byBeta = new ArrayList<>();
        for (double beta : config.loss().beta()) {
            byBeta.add(new OnlineDpoTrainer.LossOfStep((PairPreferences) losses.of(config.of(beta)), beta));
        }
        int batch = config.training().batchSize();
        long stepsPerEpoch = (rows + batch - 1) / batch;
        return step -> byBeta.get(config.loss().betaOf((step - 1) / stepsPerEpoch));
    }

    /** What is done with it. */
    @FunctionalInterface
    private interface Ranked {
        void run(PairRanking ranking);
    }

    private void withRanking(OnlineDpoConfig config, ModelText text, StageContext context, Ranked work) {
        if (config.judge().isPresent()) {
            try (OpenJudge judge = judges().open(config.judge().get(), context)) {
                work.run(PairRanking.byJudge(judge));
            }
            return;
        }
        PolicyTokens policy = new PolicyTokens(
                config.model(), text.tokenizer(), config.prompts().splitSpecialTokens());
        try (OpenRewards open = rewardSources.open(config.rewards().entries(), policy, context)) {
            work.run(PairRanking.byRewards(open.rewards(), config.missingEos()));
        }
    }

    private Examples<TokenizedPrompt> load(
            OnlineDpoConfig config, ModelText text, int positions, StageContext context) {
        return data.load(
                rows(config),
                RewardSources.prompts(config.rewards().entries(), config.model()),
                text.cache(),
                config.prompts().tokenizing(longestPrompt(config, positions)),
                context,
                "dataset");
    }

    private static DatasetSpec rows(OnlineDpoConfig config) {
        return RewardSources.dataset(
                config.dataset().orElseThrow(), config.rewards().entries());
    }

    private static List<CompanionModel> companions(OnlineDpoConfig config) {
        List<CompanionModel> companions =
                new ArrayList<>(RewardSources.companions(config.rewards().entries(), config.model()));
        config.refModel()
                .ifPresent(model -> companions.add(new CompanionModel("ref_model", model, config.model(), true)));
        return companions;
    }

    /** The longest sequence, tokens; of stored responses any that fits the model. */
    private static int longest(OnlineDpoConfig config, int positions) {
        return config.rollouts().isPresent()
                ? positions
                : longestPrompt(config, positions) + config.sampling().maxNewTokens();
    }

    private static int longestPrompt(OnlineDpoConfig config, int positions) {
        return config.prompts()
                .longest(positions, "max_new_tokens", config.sampling().maxNewTokens());
    }
}
