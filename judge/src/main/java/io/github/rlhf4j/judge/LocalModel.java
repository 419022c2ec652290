package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.training.ModelText;
import java.util.Set;

/** A language model of ours that a stage asks, with its tokenizer and the form of its questions. */
public final class LocalModel implements AutoCloseable {
    private final ModelText text;
    private final Questions questions;
    private final SharedModel shared;

    private LocalModel(ModelText text, Questions questions, SharedModel shared) {
        this.text = text;
        this.questions = questions;
        this.shared = shared;
    }

    /**
     * Loads it.
     *
     * @param name what the cluster calls it
     */
    public static LocalModel open(LocalConfig config, String name, StageContext context) {
        ModelText text = ModelText.open(config.model().directory(), context.cacheDirectory());
        try {
            Questions questions = Questions.of(text.tokenizer(), config.applyChatTemplate());
            Transformer model = config.model().load(Set.of(Head.LANGUAGE), context.kernels());
            return new LocalModel(text, questions, context.cluster().share(name, model));
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    /** Its tokenizer. */
    public HuggingFaceTokenizer tokenizer() {
        return text.tokenizer();
    }

    /** Questions as its tokens. */
    public Questions questions() {
        return questions;
    }

    /** What generates and scores. */
    public SharedModel shared() {
        return shared;
    }

    /** The most tokens that it reads. */
    public int context() {
        return shared.model().config().maxPositions();
    }

    @Override
    public void close() {
        shared.close();
        shared.model().close();
        text.close();
    }
}
