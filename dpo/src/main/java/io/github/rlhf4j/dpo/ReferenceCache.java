package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.RowPlaces;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Computes the reference's log-probs once and keeps them in a file, under a key of everything they depend on: the weights of the reference and every token
 * of the data (hence the rows, the tokenizer and the template).
 *
 * <p>What is found there is not believed: a random sample is computed again, and unless it agrees everything is.
 */
final class ReferenceCache {
    private static final int CHUNK = 64; // examples that are computed together
    private static final int SAMPLE = 8; // examples
    private static final double TOLERANCE = 1e-4; // nats a token

    private final Path folder;
    private final String modelDigest;
    private final Consumer<String> note;
    private final Consumer<String> warn;

    /**
     * @param folder where the file is
     * @param modelDigest identifies the reference's weights
     * @param note receives what happened
     * @param warn receives what should not have happened
     */
    ReferenceCache(Path folder, String modelDigest, Consumer<String> note, Consumer<String> warn) {
        this.folder = folder;
        this.modelDigest = modelDigest;
        this.note = note;
        this.warn = warn;
    }

    /**
     * Those of every example.
     *
     * @param examples each one's responses
     */
    ReferenceLogProbs computeOrLoad(
            Examples<List<TokenSequence>> examples,
            ResponseLogProbs scorer,
            CounterRandom random,
            Supplier<Progress> progress) {
        Path file = folder.resolve("ref-log-probs-" + key(examples) + ".bin");
        int[] starts = starts(examples);
        Optional<ReferenceLogProbs> known = ReferenceLogProbs.read(file, starts);
        if (known.isPresent()) {
            if (agrees(known.get(), examples, scorer, random)) {
                note.accept("reference log-probs of " + examples.size() + " examples taken from " + file
                        + ", a sample of " + Math.min(SAMPLE, examples.size()) + " agrees");
                return known.get();
            }
            warn.accept(
                    file + " does not agree with the reference on a sample of its examples; all are computed again");
        }
        if (known.isEmpty() && Files.exists(file)) {
            warn.accept("the cache " + file + " was damaged and is made again");
        }
        ReferenceLogProbs computed = compute(examples, starts, scorer, progress);
        computed.write(file);
        return computed;
    }

    private static ReferenceLogProbs compute(
            Examples<List<TokenSequence>> examples,
            int[] starts,
            ResponseLogProbs scorer,
            Supplier<Progress> progress) {
        double[] values = new double[starts[starts.length - 1]];
        int filled = 0;
        long window = (long) CHUNK * scorer.pieces();
        try (Progress shown = progress.get()) {
            for (long from = 0; from < examples.size(); from += window) {
                long to = Math.min(from + window, examples.size());
                for (double[][] chunk : scorer.scoreEach(chunks(examples, from, to))) {
                    for (double[] scores : chunk) {
                        System.arraycopy(scores, 0, values, filled, scores.length);
                        filled += scores.length;
                    }
                }
                requireFinite(values, starts, from, to, examples);
                shown.advance(to - from);
            }
        }
        return new ReferenceLogProbs(values, starts);
    }

    private static void requireFinite(
            double[] values, int[] starts, long from, long to, Examples<List<TokenSequence>> examples) {
        for (int i = (int) from; i < to; i++) {
            for (int at = starts[i]; at < starts[i + 1]; at++) {
                if (!Double.isFinite(values[at])) {
                    throw new UserError("the reference gives a response of example " + i + " the log-prob " + values[at]
                            + ", but it must be finite" + RowPlaces.said(examples.describe(new long[] {i}), true)
                            + "; its weights have diverged, or cannot be computed with: name another model");
                }
            }
        }
    }

    /** Examples {@code from .. to - 1} in pieces of {@link #CHUNK}. */
    private static List<List<List<TokenSequence>>> chunks(Examples<List<TokenSequence>> examples, long from, long to) {
        List<List<List<TokenSequence>>> chunks = new ArrayList<>();
        for (long i = from; i < to; i++) {
            if ((i - from) % CHUNK == 0) {
                chunks.add(new ArrayList<>());
            }
            chunks.get(chunks.size() - 1).add(examples.get(i));
        }
        return chunks;
    }

    private static int[] starts(Examples<List<TokenSequence>> examples) {
        int[] starts = new int[Math.toIntExact(examples.size() + 1)];
        for (int i = 0; i < examples.size(); i++) {
            starts[i + 1] = starts[i] + examples.get(i).size();
        }
        return starts;
    }

    private static boolean agrees(
            ReferenceLogProbs known,
            Examples<List<TokenSequence>> examples,
            ResponseLogProbs scorer,
            CounterRandom random) {
        List<List<TokenSequence>> sample = new ArrayList<>();
        List<double[]> expected = new ArrayList<>();
        for (int i = 0; i < Math.min(SAMPLE, examples.size()); i++) {
            int index = random.below(i, Math.toIntExact(examples.size()));
            sample.add(examples.get(index));
            expected.add(known.of(index));
        }
        double[][] scores = scorer.score(sample);
        for (int i = 0; i < scores.length; i++) {
            for (int response = 0; response < scores[i].length; response++) {
                double difference = Math.abs(scores[i][response] - expected.get(i)[response]);
                if (difference > TOLERANCE * sample.get(i).get(response).targets().length) {
                    return false;
                }
            }
        }
        return true;
    }

    private String key(Examples<List<TokenSequence>> examples) {
        MessageDigest digest = sha256();
        digest.update(modelDigest.getBytes(StandardCharsets.UTF_8));
        for (long i = 0; i < examples.size(); i++) {
            for (TokenSequence response : examples.get(i)) {
                add(digest, response.ids());
                add(digest, response.targets());
            }
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    private static void add(MessageDigest digest, int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate((ids.length + 1) * Integer.BYTES).putInt(ids.length);
        bytes.asIntBuffer().put(ids);
        digest.update(bytes.array());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
