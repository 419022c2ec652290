package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.PromptConfig;
import io.github.rlhf4j.rollout.Reward;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The stage {@code grpo}: checks a config, loads models and data, and lets a {@link GrpoTrainer} run on them. */
final class GrpoStage implements Stage<GrpoConfig> {
    private final TrainingData data;
    private final Map<String, RewardFunction> rewardFunctions;

    @Inject
    GrpoStage(TrainingData data, Map<String, RewardFunction> rewardFunctions) {
        this.data = data;
        this.rewardFunctions = Map.copyOf(rewardFunctions);
    }

    @Override
    public Class<GrpoConfig> configType() {
        return GrpoConfig.class;
    }

    @Override
    public void check(GrpoConfig config) {
        config.rewards().rewardFunction().ifPresent(name -> Reward.named(name, rewardFunctions));
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known ->
                companions(config).forEach(companion -> companion.check(longest(config, known.context()))));
        config.dataset()
                .ifPresent(spec -> data.check(
                        PromptConfig.dataset(spec, config.rewards().rewardFunction()), ExampleKind.PROMPTS, model));
        config.rollouts()
                .ifPresent(spec -> model.filter(known -> known.ids().rows() > 0)
                        .ifPresent(known ->
                                StoredGroup.read(spec, known.ids().rows(), config.generation(), known.context())));
    }

    @Override
    public Optional<ModelOutline> outline(GrpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(GrpoConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = config.model().load(Set.of(Head.LANGUAGE), context.kernels());
                SharedModel policy = context.cluster().share("policy", model)) {
            int positions = model.config().maxPositions();
            companions(config).forEach(companion -> companion.checkFolders(longest(config, positions)));
            RolloutEngine engine = engine(config, policy, text.tokenizer());
            if (config.rollouts().isPresent()) {
                Examples<StoredGroup> stored = stored(config, model);
                StageLoop<StoredGroup> loop = StageLoop.of(context, config.loopOver(stored), stored);
                train(config, context, loop, replayed(loop, text.tokenizer(), engine), engine, policy);
            } else {
                Examples<TokenizedPrompt> rows = load(config, text, positions, context);
                StageLoop<TokenizedPrompt> loop = StageLoop.of(context, config.loopOver(rows), rows);
                withReward(
                        config,
                        context,
                        rewards ->
                                train(config, context, loop, sampled(loop, context, rewards, engine), engine, policy));
            }
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(source),
                    config.training().save().format());
        }
    }

    private static void train(
            GrpoConfig config,
            StageContext context,
            StageLoop<?> loop,
            Groups groups,
            RolloutEngine engine,
            SharedModel policy) {
        loop.show("reward", "reward").show("std", "reward_std").show("len", "completions/mean_length");
        if (config.reference().beta() == 0) {
            try (GrpoTrainer trainer =
                    new GrpoTrainer(config, context, loop, groups, engine, policy, Optional.empty())) {
                loop.run((number, batch) -> trainer.step(number));
            }
            return;
        }
        ModelReference reference = config.reference().refModel().orElse(config.model());
        try (Transformer model = reference.load(Set.of(Head.LANGUAGE), context.kernels());
                SharedModel shared = context.cluster().share("reference", model);
                GrpoTrainer trainer =
                        new GrpoTrainer(config, context, loop, groups, engine, policy, Optional.of(shared))) {
            loop.run((number, batch) -> trainer.step(number));
        }
    }

    /** What is done with the reward. */
    @FunctionalInterface
    private interface Rewarded {
        void run(Rewards rewards);
    }

    private void withReward(GrpoConfig config, StageContext context, Rewarded work) {
        Optional<ModelReference> named = config.rewards().rewardModel();
        if (named.isEmpty()) {
            String name = config.rewards().rewardFunction().orElseThrow();
            work.run(Rewards.of(name, Reward.of(name, Reward.named(name, rewardFunctions))));
            return;
        }
        ModelReference reward = named.get();
        try (Transformer model = reward.load(Set.of(Head.SCALAR), context.kernels());
                SharedModel shared = context.cluster().share("reward", model)) {
            work.run(Rewards.of("reward_model", Reward.of(reward.given(), shared)));
        }
    }

    private static RolloutEngine engine(GrpoConfig config, SharedModel policy, Tokenizer tokenizer) {
        GenerationConfig generation = config.generation();
        SamplingOptions sampling = SamplingOptions.sampling(
                generation.temperature(), generation.maxCompletionLength(), tokenizer.stopIds());
        return new RolloutEngine(policy, tokenizer, sampling, generation.numGenerations());
    }

    /** Responses of the policy, scored. */
    private static Groups sampled(
            StageLoop<TokenizedPrompt> loop, StageContext context, Rewards rewards, RolloutEngine engine) {
        return (generation, firstBatch, batches) -> {
            List<List<TokenizedPrompt>> prompts = batches(loop, firstBatch, batches);
            List<TokenizedPrompt> all = prompts.stream().flatMap(List::stream).toList();
            List<List<Rollout>> groups =
                    engine.sample(all, context.random().derive("generation").derive(generation));
            List<Rollout> scored = rewards.score(Rollout.flat(groups));
            List<List<List<Rollout>>> steps = new ArrayList<>();
            int next = 0;
            int group = 0;
            for (List<TokenizedPrompt> step : prompts) {
                List<List<Rollout>> ofStep = new ArrayList<>();
                for (int prompt = 0; prompt < step.size(); prompt++) {
                    int size = groups.get(group++).size();
                    ofStep.add(scored.subList(next, next + size));
                    next += size;
                }
                steps.add(ofStep);
            }
            return steps;
        };
    }

    /** Stored responses; the policy's own log-probs in the place of those that are not known. */
    private static Groups replayed(StageLoop<StoredGroup> loop, Tokenizer tokenizer, RolloutEngine engine) {
        return (generation, firstBatch, batches) -> batches(loop, firstBatch, batches).stream()
                .map(step -> step.stream()
                        .map(group -> replayed(group, tokenizer, engine))
                        .toList())
                .toList();
    }

    private static List<Rollout> replayed(StoredGroup group, Tokenizer tokenizer, RolloutEngine engine) {
        List<Rollout> rollouts = group.rollouts(tokenizer);
        if (group.hasLogProbs()) {
            return rollouts;
        }
        return engine.withTrainerLogProbs(rollouts).stream()
                .map(known -> Rollout.sampled(
                                known.promptIds(), known.responseIds(), known.answer(), known.trainerLogProbs())
                        .withScores(known.scores(), known.score()))
                .toList();
    }

    private static <T> List<List<T>> batches(StageLoop<T> loop, long first, int count) {
        List<List<T>> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(loop.batch(first + i));
        }
        return batches;
    }

    private static Examples<StoredGroup> stored(GrpoConfig config, Transformer model) {
        List<StoredGroup> groups = StoredGroup.read(
                config.rollouts().orElseThrow(),
                model.config().vocabSize(),
                config.generation(),
                model.config().maxPositions());
        return Examples.of(groups.size(), index -> groups.get((int) index));
    }

    private Examples<TokenizedPrompt> load(GrpoConfig config, ModelText text, int positions, StageContext context) {
        TokenizingOptions options = config.prompts().tokenizing(longestPrompt(config, positions));
        return data.load(
                PromptConfig.dataset(
                        config.dataset().orElseThrow(), config.rewards().rewardFunction()),
                ExampleKind.PROMPTS,
                text.cache(),
                options,
                context,
                "dataset");
    }

    private static List<CompanionModel> companions(GrpoConfig config) {
        List<CompanionModel> companions = new ArrayList<>();
        config.rewards()
                .rewardModel()
                .ifPresent(model -> companions.add(new CompanionModel("reward_model", model, config.model(), false)));
        config.reference()
                .refModel()
                .ifPresent(model -> companions.add(new CompanionModel("ref_model", model, config.model(), true)));
        return companions;
    }

    /** The longest sequence, tokens; of stored responses any that fits the model. */
    private static int longest(GrpoConfig config, int positions) {
        return config.rollouts().isPresent()
                ? positions
                : longestPrompt(config, positions) + config.generation().maxCompletionLength();
    }

    private static int longestPrompt(GrpoConfig config, int positions) {
        return config.prompts()
                .longest(positions, "max_completion_length", config.generation().maxCompletionLength());
    }
}
