package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
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
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
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
                Transformer model = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context)) {
            config.routers().applyTo(model, config.model());
            // 1. Rows as tokens, those to learn marked
            TokenizingOptions options = config.tokenizing(model.config().maxPositions());
            SequenceTraining rows = load(config, text, options, context);
            context.note("a training row, targets in >> <<: "
                    + RowText.of(text.tokenizer(), rows.train().get(0).get(0)));
            // 2. Forward, loss, backward, clip, update
            rows.with(config.noise(), config.parts(), Optional.empty())
                    .run(config.loss(), config.training(), model, text.tokenizer(), context);
            // 3. The adapter, if there is one, and the whole model as Hugging Face directories
            config.tuning().saveAndMerge(model, config.model(), context);
            config.tokenizer()
                    .save(
                            model,
                            tokenizer,
                            context.directory().resolve("model"),
                            config.training().save().format());
        }
    }

    private SequenceTraining load(SftConfig config, ModelText text, TokenizingOptions options, StageContext context) {
        PackingConfig packing = config.packing();
        boolean hasEval =
                config.data().evalDataset().isPresent() || config.data().evalFraction() > 0;
        if (!packing.packing() && !(hasEval && packing.packsEval())) {
            TrainingData.Split<TokenizedSequence> split =
                    data.load(config.data(), ExampleKind.SEQUENCES, text.cache(), options, context);
            return new SequenceTraining(TrainingData.sequences(split.train()), split.eachEval(TrainingData::sequences));
        }
        TrainingData.Split<TokenizedPack> split = data.load(
                config.data(),
                packing.kind(packing.packing()),
                packing.kind(packing.packsEval()),
                text.cache(),
                options,
                context);
        return new SequenceTraining(TrainingData.packs(split.train()), split.eachEval(TrainingData::packs));
    }
}
