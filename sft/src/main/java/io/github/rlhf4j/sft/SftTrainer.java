package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.tokens.TokenizedPack;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Supervised fine-tuning: maximises the likelihood of demonstrated completions given their prompts. */
public final class SftTrainer implements Stage<SftConfig> {
    private final TrainingData data;

    @Inject
    SftTrainer(TrainingData data) {
        this.data = data;
    }

    @Override
    public Class<SftConfig> configType() {
        return SftConfig.class;
    }

    @Override
    public void check(SftConfig config) {
        config.tokenizer().check(config.model());
        config.checkKeysFor(data.check(config.data(), ExampleKind.SEQUENCES, outline(config))
                .kind());
    }

    @Override
    public Optional<ModelOutline> outline(SftConfig config) {
        return config.tokenizer().outline(config.model());
    }

    @Override
    public void run(SftConfig config, StageContext context) {
        Path tokenizer = config.tokenizer().apply(config.model().directory(), context);
        try (ModelText text = ModelText.open(tokenizer, context.cacheDirectory());
                Transformer model =
                        Transformer.load(config.model().directory(), Set.of(Head.LANGUAGE), context.kernels())) {
            TokenizingOptions options = config.tokenizing(model.config().maxPositions());
            Sides sides = load(config, text, options, context);
            SequenceTraining.show(
                    context, text.tokenizer(), sides.train().get(0).get(0));
            new SequenceTraining(context, model, text.tokenizer(), config.training(), config.loss())
                    .run(sides.train(), sides.eval());
            config.tokenizer()
                    .save(
                            model,
                            tokenizer,
                            context.directory().resolve("model"),
                            config.training().save().format());
        }
    }

    /** Examples as the engine takes them. */
    private record Sides(Examples<List<TokenSequence>> train, Map<String, Examples<List<TokenSequence>>> eval) {}

    private Sides load(SftConfig config, ModelText text, TokenizingOptions options, StageContext context) {
        PackingConfig packing = config.packing();
        boolean hasEval =
                config.data().evalDataset().isPresent() || config.data().evalFraction() > 0;
        if (!packing.packing() && !(hasEval && packing.packsEval())) {
            TrainingData.Split<TokenizedSequence> split =
                    data.load(config.data(), ExampleKind.SEQUENCES, text.cache(), options, context);
            return new Sides(TrainingData.sequences(split.train()), split.eachEval(TrainingData::sequences));
        }
        TrainingData.Split<TokenizedPack> split = data.load(
                config.data(),
                packing.kind(packing.packing()),
                packing.kind(packing.packsEval()),
                text.cache(),
                options,
                context);
        return new Sides(TrainingData.packs(split.train()), split.eachEval(TrainingData::packs));
    }
}
