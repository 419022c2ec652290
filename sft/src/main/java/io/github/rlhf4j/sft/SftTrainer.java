package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelOutline;
import io.github.rlhf4j.core.train.Stage;
import io.github.rlhf4j.core.train.StageContext;
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
            TrainingData.Split<TokenizedSequence> split =
                    data.load(config.data(), ExampleKind.SEQUENCES, text.cache(), options, context);
            Examples<List<TokenSequence>> train = TrainingData.sequences(split.train());
            Map<String, Examples<List<TokenSequence>>> eval = split.eachEval(TrainingData::sequences);
            SequenceTraining.check(context, text.tokenizer(), train.get(0).get(0));
            new SequenceTraining(context, model, text.tokenizer(), config.training(), config.loss())
                    .run(train, eval);
            config.tokenizer()
                    .save(
                            model,
                            tokenizer,
                            context.directory().resolve("model"),
                            config.training().save().format());
        }
    }
}
