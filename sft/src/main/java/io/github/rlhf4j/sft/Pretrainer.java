package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.tokens.TokenizedWindow;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Pre-training: next-token prediction over windows of packed documents, attention inside a document only. */
public final class Pretrainer implements Stage<PretrainConfig> {
    private final TrainingData data;
    private final Datasets datasets;

    @Inject
    Pretrainer(TrainingData data, Datasets datasets) {
        this.data = data;
        this.datasets = datasets;
    }

    @Override
    public Class<PretrainConfig> configType() {
        return PretrainConfig.class;
    }

    @Override
    public void check(PretrainConfig config) {
        config.tokenizer().flatMap(TokenizerConfig::path).ifPresent(path -> {
            if (!Files.exists(Path.of(path, "tokenizer.json"))) {
                throw new UserError("tokenizer.path must be a folder with a tokenizer.json, but is " + path);
            }
        });
        config.model().ifPresent(model -> config.tuning().check(model, Set.of(Head.LANGUAGE)));
        data.check(config.data(), ExampleKind.WINDOWS, outline(config));
    }

    @Override
    public Optional<ModelOutline> outline(PretrainConfig config) {
        return config.model().map(ModelReference::outline).orElseGet(() -> Optional.of(NewModel.outline(config)));
    }

    @Override
    public void run(PretrainConfig config, StageContext context) {
        Path tokenizer = config.model()
                .map(ModelReference::directory)
                .orElseGet(() -> NewModel.tokenizer(config, datasets, context));
        try (ModelText text = ModelText.open(tokenizer, context.cacheDirectory());
                Transformer model = model(config, context, text)) {
            // 1. Documents as tokens, cut into windows
            TokenizingOptions options = config.data().tokenizing(model.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedWindow> split =
                    data.load(config.data(), ExampleKind.WINDOWS, text.cache(), options, context);
            // 2. Forward, loss, backward, clip, update
            SftLossConfig loss = SftLossConfig.DEFAULT.withDropout(config.dropout());
            new SequenceTraining(TrainingData.windows(split.train()), split.eachEval(TrainingData::windows))
                    .with(
                            config.noise(),
                            config.parts(),
                            config.parametrization().of(model.config()))
                    .run(loss, config.training(), model, text.tokenizer(), context);
            // 3. The adapter, if there is one, and the whole model as a Hugging Face directory
            config.model().ifPresent(start -> config.tuning().saveAndMerge(model, start, context));
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(tokenizer),
                    config.training().save().format());
        }
    }

    private static Transformer model(PretrainConfig config, StageContext context, ModelText text) {
        return config.architecture()
                .map(architecture -> NewModel.create(config, text.tokenizer(), context))
                .orElseGet(() -> given(config, config.model().orElseThrow(), context));
    }

    private static Transformer given(PretrainConfig config, ModelReference reference, StageContext context) {
        Transformer model = config.tuning().load(reference, Set.of(Head.LANGUAGE), context);
        config.routers().applyTo(model, reference);
        return model;
    }
}
