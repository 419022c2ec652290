package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.Set;

/** A model with its tokenizer. Owns both until {@link #close}. */
public final class OpenModel implements AutoCloseable {
    private final Path path;
    private final HuggingFaceConfig config;
    private final HuggingFaceTokenizer tokenizer;
    private final Transformer transformer;

    private OpenModel(Path path, HuggingFaceConfig config, HuggingFaceTokenizer tokenizer, Transformer transformer) {
        this.path = path;
        this.config = config;
        this.tokenizer = tokenizer;
        this.transformer = transformer;
    }

    /**
     * Opens a model directory, or that of a run's stage, with the head that its config.json names.
     *
     * @throws UserError when it is none, or its tokenizer does not fit
     */
    public static OpenModel open(Path given, Kernels kernels) {
        Path directory = ModelFolder.of(given);
        ModelDirectory model = ModelDirectory.open(directory);
        Head head = Head.of(model.config());
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory);
        try {
            Transformer transformer = Transformer.load(directory, Set.of(head), kernels);
            try {
                tokenizer.requireRows(transformer.config().vocabSize());
                return new OpenModel(directory, model.config(), tokenizer, transformer);
            } catch (RuntimeException e) {
                transformer.close();
                throw e;
            }
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** As {@link #open}, of a language model. */
    public static OpenModel openLanguageModel(Path given, Kernels kernels) {
        Path directory = ModelFolder.of(given);
        if (Head.of(ModelDirectory.open(directory).config()) != Head.LANGUAGE) {
            throw new UserError(
                    directory + " is a reward model, which writes no text; give a language model, or use score");
        }
        return open(directory, kernels);
    }

    /** As {@link #open}, of a reward model. */
    public static OpenModel openRewardModel(Path given, Kernels kernels) {
        Path directory = ModelFolder.of(given);
        Head head = Head.of(ModelDirectory.open(directory).config());
        if (head == Head.LANGUAGE) {
            throw new UserError(directory + " is a language model, which gives no scores; give a reward model");
        }
        if (head == Head.LABELS) {
            throw new UserError(directory + " is a process reward model, which scores steps; give a reward model");
        }
        return open(directory, kernels);
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    public HuggingFaceConfig config() {
        return config;
    }

    public HuggingFaceTokenizer tokenizer() {
        return tokenizer;
    }

    public Transformer transformer() {
        return transformer;
    }

    public boolean isRewardModel() {
        return config.isRewardModel();
    }

    @Override
    public void close() {
        transformer.close();
        tokenizer.close();
    }
}
