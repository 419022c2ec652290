package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.OpenRewards;
import io.github.rlhf4j.rollout.PolicyTokens;
import io.github.rlhf4j.rollout.RewardSources;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The stage {@code ppo}: checks a config, loads models and data, and lets a {@link PpoTrainer} run on them. */
final class PpoStage implements Stage<PpoConfig> {
    private final TrainingData data;
    private final RewardSources rewardSources;

    @Inject
    PpoStage(TrainingData data, RewardSources rewardSources) {
        this.data = data;
        this.rewardSources = rewardSources;
    }

    @Override
    public Class<PpoConfig> configType() {
        return PpoConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return rewardSources.keys(nested, given);
    }

    @Override
    public void check(PpoConfig config) {
        rewardSources.check(config.scores().rewards().entries());
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known -> {
            int longest = PpoData.longestPrompt(config, known.context())
                    + config.rollouts().responseLength();
            PpoModels.companions(config).forEach(companion -> companion.check(longest));
            config.rollouts().checkStop(known.ids());
        });
        RewardSources.checkTexts(
                config.scores().rewards().entries(),
                config.model(),
                data.check(PpoData.prompts(config), ExampleKind.PROMPTS, model));
        config.pretraining().ptxDataset().ifPresent(spec -> data.check(spec, ExampleKind.SEQUENCES, model));
    }

    @Override
    public Optional<ModelOutline> outline(PpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(PpoConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                PpoModels models = PpoModels.load(config, context)) {
            PpoData rows = PpoData.load(config, data, text, models, context);
            StageLoop<TokenizedPrompt> loop = StageLoop.of(context, config.loopOver(), rows.prompts())
                    .show("score", "objective/raw_scores")
                    .show("kl", "objective/kl")
                    .show("len", "objective/response_length");
            try (OpenRewards open = rewards(config, text, models, context);
                    PpoTrainer trainer =
                            new PpoTrainer(config, context, loop, models, text.tokenizer(), open.given(), rows.ptx())) {
                loop.run(trainer::iteration);
            }
            models.save(config, context);
        }
    }

    /** All rewards but that of the key reward_model where it is among the models. */
    private OpenRewards rewards(PpoConfig config, ModelText text, PpoModels models, StageContext context) {
        PolicyTokens policy = new PolicyTokens(
                config.model(), text.tokenizer(), config.prompts().splitSpecialTokens());
        return models.reward().isPresent()
                ? OpenRewards.NONE
                : rewardSources.open(config.scores().rewards().entries(), policy, context);
    }
}
