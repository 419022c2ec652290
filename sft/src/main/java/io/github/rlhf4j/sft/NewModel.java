package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.TextRecord;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A model from nothing: its tokenizer, trained on the stage's data, and its first weights. */
final class NewModel {

    private NewModel() {}

    /** The folder of the tokenizer: the one given, or a new one in the stage's folder. */
    static Path tokenizer(PretrainConfig config, Datasets datasets, StageContext context) {
        TokenizerConfig tokenizer = config.tokenizer().orElseThrow();
        if (tokenizer.path().isPresent()) {
            return Path.of(tokenizer.path().get());
        }
        Path folder = context.directory().resolve("tokenizer");
        try (RecordSet<TextRecord> rows = datasets.open(config.dataset(), TextRecord.class, context.dataSeed());
                Stream<String> texts = rows.stream().map(TextRecord::text)) {
            Iterator<String> iterator = texts.iterator();
            BpeTrainer.train(iterator, tokenizer.vocabSize().orElseThrow(), List.of())
                    .writeTo(folder, Optional.empty());
        }
        context.note("trained a tokenizer on " + config.dataset().path());
        return folder;
    }

    /** What a new model will be like; a tokenizer trained here has no chat template. */
    static ModelOutline outline(PretrainConfig config) {
        boolean hasChatTemplate = config.tokenizer()
                .flatMap(TokenizerConfig::path)
                .filter(NewModel::hasChatTemplate)
                .isPresent();
        return new ModelOutline(config.architecture().orElseThrow().maxPositionEmbeddings(), hasChatTemplate);
    }

    private static boolean hasChatTemplate(String folder) {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(Path.of(folder))) {
            return tokenizer.chatTemplate().isPresent();
        }
    }

    /** A model with fresh weights for a tokenizer. */
    static Transformer create(PretrainConfig config, HuggingFaceTokenizer tokenizer, StageContext context) {
        Transformer model = Transformer.create(
                config.architecture().orElseThrow().shape(tokenizer.vocabSize()),
                Set.of(Head.LANGUAGE),
                context.kernels(),
                context.random().derive("weights"));
        config.parametrization().of(model.config()).ifPresent(parametrization -> parametrization.scale(model));
        context.note(
                "a new model of %,d parameters".formatted(model.parameters().count()));
        return model;
    }
}
