package com.example.rlhf;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** A stage of our own: it learns the chosen responses and unlearns the rejected ones. */
public final class UnlikelihoodTrainer implements Stage<UnlikelihoodConfig> {
    private final TrainingData data;

    @Inject
    UnlikelihoodTrainer(TrainingData data) {
        this.data = data;
    }

    @Override
    public Class<UnlikelihoodConfig> configType() {
        return UnlikelihoodConfig.class;
    }

    /** Before any stage of the run starts. */
    @Override
    public void check(UnlikelihoodConfig config) {
        data.check(config.data(), ExampleKind.PAIRS, config.model().outline());
    }

    /** What the model that it makes is like, for the checks of later stages. */
    @Override
    public Optional<ModelOutline> outline(UnlikelihoodConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(UnlikelihoodConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = Transformer.load(source, Set.of(Head.LANGUAGE), context.kernels())) {
            // 1. Pairs as tokens
            TokenizingOptions options = config.data().tokenizing(model.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedPair> pairs =
                    data.load(config.data(), ExampleKind.PAIRS, text.cache(), options, context);
            // 2. Forward, loss, backward, clip, update; evaluations, checkpoints and logs as they are due
            UnlikelihoodLoss loss = new UnlikelihoodLoss(config.alpha());
            StageLoop.of(context, config.training(), pairs.train())
                    .show("loss", "loss")
                    .show("rejected", "probability/rejected")
                    .evaluate(pairs.eval(), model, loss)
                    .train("trainer", model, loss);
            // 3. The model as a Hugging Face folder
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(source),
                    config.training().save().format());
        }
    }
}
