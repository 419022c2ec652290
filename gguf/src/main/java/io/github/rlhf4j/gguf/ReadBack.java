package io.github.rlhf4j.gguf;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A fixed text as a model and what was made of it read it. */
public final class ReadBack {
    /** English, numbers, a program, other scripts: something of all that tokenizers treat differently. */
    static final String TEXT = """
            The quick brown fox jumps over the lazy dog. It's 1:45 p.m., and we've 12345 things to do; they'll cost $6.78!
            def square(x):
                return x * x  # the product

            Zürich, naïve, Москва, 東京, مرحبا, \ud83d\ude80. Once upon a time there was a little girl who lived in a small house near the forest.""";

    private static final int MOST_TOKENS = 512;

    private final int[] ids;
    private final double[] logProbs;

    private ReadBack(int[] ids, double[] logProbs) {
        this.ids = ids;
        this.logProbs = logProbs;
    }

    /**
     * The text's tokens, as many as fit, and their log-probs.
     *
     * @param context of the file
     */
    public static ReadBack of(Transformer model, Tokenizer tokenizer, int context) {
        int[] all = tokenizer.encode(TEXT, true);
        int[] ids = Arrays.copyOf(all, Math.min(all.length, Math.min(MOST_TOKENS, context)));
        if (ids.length < 2) {
            return new ReadBack(ids, new double[0]);
        }
        PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.all(ids)));
        Outputs outputs = new Outputs();
        model.forward(batch, ForwardRequest.logProbs(), outputs);
        return new ReadBack(ids, Arrays.copyOf(outputs.logProbs(), batch.targets()));
    }

    /** The same of a file. */
    static ReadBack of(Path file, Kernels kernels) {
        Path parent = temporary();
        try {
            Path folder = GgufModel.folder(file, parent);
            try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder);
                    Transformer model = Transformer.load(folder, Set.of(Head.LANGUAGE), kernels)) {
                tokenizer.requireRows(model.config().vocabSize());
                return of(model, tokenizer, model.config().maxPositionEmbeddings());
            }
        } finally {
            AtomicFiles.delete(parent);
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("rlhf4j-gguf");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first token that is another one there, if one is. */
    Optional<Integer> firstDifference(ReadBack other) {
        int difference = Arrays.mismatch(ids, other.ids);
        return difference < 0 ? Optional.empty() : Optional.of(difference);
    }

    /** How many the text has. */
    public int tokens() {
        return ids.length;
    }

    /** Of the log-probs of the same tokens, nats. */
    public double largestDifference(ReadBack other) {
        double largest = 0;
        for (int i = 0; i < logProbs.length; i++) {
            double difference = Math.abs(logProbs[i] - other.logProbs[i]);
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
        }
        return largest;
    }

    /** Nats a token. */
    public double meanLogProb() {
        return Arrays.stream(logProbs).average().orElse(0);
    }
}
