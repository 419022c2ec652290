package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdaptedModels;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.OpenRewards;
import io.github.rlhf4j.rollout.PolicyTokens;
import io.github.rlhf4j.rollout.RewardSources;
import io.github.rlhf4j.rollout.Rewards;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.StoredGroup;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A stage that learns from groups of responses: checks a config, loads models and data, and lets a {@link GroupTrainer} run on them. */
final class GroupRun {
    private final TrainingData data;
    private final RewardSources rewardSources;

    @Inject
    GroupRun(TrainingData data, RewardSources rewardSources) {
        this.data = data;
        this.rewardSources = rewardSources;
    }

    /** The keys of entries of {@code rewards}. */
    List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return rewardSources.keys(nested, given);
    }

    void check(GroupConfig config) {
        rewardSources.check(config.rewards().entries());
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known ->
                companions(config).forEach(companion -> companion.check(longest(config, known.context()))));
        config.dataset()
                .ifPresent(spec -> RewardSources.checkTexts(
                        config.rewards().entries(),
                        config.model(),
                        data.check(
                                RewardSources.dataset(spec, config.rewards().entries()), ExampleKind.PROMPTS, model)));
        config.rollouts()
                .ifPresent(spec -> StoredGroup.check(spec, config.generation().numGenerations(), model));
    }

    void run(GroupConfig config, GroupMethod method, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context);
                SharedModel policy = context.cluster().share("policy", model)) {
            model.generateWith(config.sampler().rolloutWeights());
            int positions = model.config().maxPositions();
            companions(config).forEach(companion -> companion.checkFolders(longest(config, positions)));
            RolloutEngine engine = engine(config, policy, text.tokenizer());
            if (config.rollouts().isPresent()) {
                Examples<StoredGroup> stored = StoredGroup.examples(
                        config.rollouts().get(), config.generation().numGenerations(), model.config());
                StageLoop<StoredGroup> loop = StageLoop.of(context, config.loopOver(stored), stored)
                        .repeating(config.generation().numIterations());
                Groups groups = new ReplayedGroups(loop, text.tokenizer(), engine);
                train(config, method, context, loop, groups, engine, policy);
            } else {
                Examples<TokenizedPrompt> rows = load(config, text, positions, context);
                StageLoop<TokenizedPrompt> loop = StageLoop.of(context, config.loopOver(rows), rows)
                        .repeating(config.generation().numIterations());
                try (OpenRewards open = rewardSources.open(
                        config.rewards().entries(),
                        new PolicyTokens(
                                config.model(),
                                text.tokenizer(),
                                config.prompts().splitSpecialTokens()),
                        context)) {
                    Groups groups = sampled(config, loop, context, open.rewards(), engine);
                    train(config, method, context, loop, groups, engine, policy);
                }
            }
            config.tuning().saveAndMerge(model, config.model(), context);
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(source),
                    config.training().save().format());
        }
    }

    private static void train(
            GroupConfig config,
            GroupMethod method,
            StageContext context,
            StageLoop<?> loop,
            Groups groups,
            RolloutEngine engine,
            SharedModel policy) {
        loop.show("reward", "reward").show("std", "reward_std").show("len", "completions/mean_length");
        if (config.reference().beta() == 0) {
            try (GroupTrainer trainer =
                    new GroupTrainer(config, method, context, loop, groups, engine, policy, Optional.empty())) {
                loop.run((number, batch) -> trainer.step(number));
            }
            return;
        }
        ModelReference reference = config.reference().refModel().orElse(config.model());
        try (Transformer model = config.tuning().trainsAdapter(config.model())
                        ? new AdaptedModels(policy.model(), config.tuning(), config.model(), context)
                                .frozen(reference, Set.of(Head.LANGUAGE))
                        : reference.load(Set.of(Head.LANGUAGE), context.kernels());
                SharedModel shared = context.cluster().share("reference", model);
                GroupTrainer trainer =
                        new GroupTrainer(config, method, context, loop, groups, engine, policy, Optional.of(shared))) {
            loop.run((number, batch) -> trainer.step(number));
        }
    }

    private static RolloutEngine engine(GroupConfig config, SharedModel policy, Tokenizer tokenizer) {
        GenerationConfig generation = config.generation();
        SamplingOptions sampling = generation
                .filter()
                .on(SamplingOptions.sampling(
                        generation.temperature(), generation.maxCompletionLength(), tokenizer.stopIds()));
        return new RolloutEngine(
                policy,
                tokenizer,
                sampling,
                generation.numGenerations(),
                config.prompts().structuredOutputs());
    }

    /** Responses of the policy, scored. */
    private static Groups sampled(
            GroupConfig config,
            StageLoop<TokenizedPrompt> loop,
            StageContext context,
            Rewards rewards,
            RolloutEngine engine) {
        CounterRandom random = context.random().derive("generation");
        SampledGroups groups = new SampledGroups(loop, engine, rewards, config.generation(), random, context);
        if (!config.dynamicSampling().filterGroups()) {
            return groups;
        }
        DynamicSampling dynamic = new DynamicSampling(
                loop, groups, random, config.dynamicSampling().most());
        context.register("prompts", dynamic);
        return dynamic;
    }

    private Examples<TokenizedPrompt> load(GroupConfig config, ModelText text, int positions, StageContext context) {
        TokenizingOptions options = config.prompts().tokenizing(longestPrompt(config, positions));
        return data.load(
                RewardSources.dataset(
                        config.dataset().orElseThrow(), config.rewards().entries()),
                RewardSources.prompts(config.rewards().entries(), config.model()),
                text.cache(),
                options,
                context,
                "dataset");
    }

    private static List<CompanionModel> companions(GroupConfig config) {
        List<CompanionModel> companions =
                new ArrayList<>(RewardSources.companions(config.rewards().entries(), config.model()));
        config.reference()
                .refModel()
                .ifPresent(model -> companions.add(new CompanionModel("ref_model", model, config.model(), true)));
        return companions;
    }

    /** The longest sequence, tokens; of stored responses any that fits the model. */
    private static int longest(GroupConfig config, int positions) {
        return config.rollouts().isPresent()
                ? positions
                : longestPrompt(config, positions) + config.generation().maxCompletionLength();
    }

    private static int longestPrompt(GroupConfig config, int positions) {
        return config.prompts()
                .longest(positions, "max_completion_length", config.generation().maxCompletionLength());
    }
}
