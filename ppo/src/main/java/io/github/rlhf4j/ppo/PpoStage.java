package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.Reward;
import io.github.rlhf4j.rollout.RewardFunction;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The stage {@code ppo}: checks a config, loads models and data, and lets a {@link PpoTrainer} run on them. */
final class PpoStage implements Stage<PpoConfig> {
    private final TrainingData data;
    private final Map<String, RewardFunction> rewardFunctions;

    @Inject
    PpoStage(TrainingData data, Map<String, RewardFunction> rewardFunctions) {
        this.data = data;
        this.rewardFunctions = Map.copyOf(rewardFunctions);
    }

    @Override
    public Class<PpoConfig> configType() {
        return PpoConfig.class;
    }

    @Override
    public void check(PpoConfig config) {
        config.scores().rewardFunction().ifPresent(name -> Reward.named(name, rewardFunctions));
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known -> {
            int longest = PpoData.longestPrompt(config, known.context())
                    + config.rollouts().responseLength();
            PpoModels.companions(config).forEach(companion -> companion.check(longest));
            config.rollouts().checkStop(known.ids());
        });
        data.check(PpoData.prompts(config), ExampleKind.PROMPTS, model);
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
            Optional<RewardFunction> function = config.scores().rewardFunction().map(rewardFunctions::get);
            try (PpoTrainer trainer =
                    new PpoTrainer(config, context, loop, models, text.tokenizer(), function, rows.ptx())) {
                loop.run(trainer::iteration);
            }
            models.save(context.directory(), source, config.training().save().format());
        }
    }
}
