package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Progress;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    private static final int CHUNK = 64; // pairs a call of the scorer
    private static final int SAMPLE = 8; // pairs
    private static final double TOLERANCE = 1e-4; // nats a token

    private final Path folder;
    private final String modelDigest;
    private final Consumer<String> note;
    private final Consumer<String> warn;

    /**
     * @param folder where the file lies
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

    /** Those of every pair. */
    ReferenceLogProbs computeOrLoad(
            Examples<TokenizedPair> pairs, PairScorer scorer, CounterRandom random, Supplier<Progress> progress) {
        Path file = folder.resolve("ref-log-probs-" + key(pairs) + ".bin");
        Optional<ReferenceLogProbs> known = ReferenceLogProbs.read(file, pairs.size());
        if (known.isPresent()) {
            if (agrees(known.get(), pairs, scorer, random)) {
                note.accept("reference log-probs of " + pairs.size() + " pairs taken from " + file + ", a sample of "
                        + Math.min(SAMPLE, pairs.size()) + " agrees");
                return known.get();
            }
            warn.accept(file + " does not agree with the reference on a sample of its pairs; all are computed again");
        }
        ReferenceLogProbs computed = compute(pairs, scorer, progress);
        computed.write(file);
        return computed;
    }

    private static ReferenceLogProbs compute(
            Examples<TokenizedPair> pairs, PairScorer scorer, Supplier<Progress> progress) {
        double[] values = new double[Math.toIntExact(2 * pairs.size())];
        try (Progress shown = progress.get()) {
            for (long from = 0; from < pairs.size(); from += CHUNK) {
                List<TokenizedPair> chunk = new ArrayList<>();
                for (long i = from; i < Math.min(from + CHUNK, pairs.size()); i++) {
                    chunk.add(pairs.get(i));
                }
                double[] scores = scorer.score(chunk);
                System.arraycopy(scores, 0, values, Math.toIntExact(2 * from), scores.length);
                shown.advance(chunk.size());
            }
        }
        return new ReferenceLogProbs(values);
    }

    private static boolean agrees(
            ReferenceLogProbs known, Examples<TokenizedPair> pairs, PairScorer scorer, CounterRandom random) {
        List<TokenizedPair> sample = new ArrayList<>();
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < Math.min(SAMPLE, pairs.size()); i++) {
            int index = random.below(i, Math.toIntExact(pairs.size()));
            indices.add(index);
            sample.add(pairs.get(index));
        }
        double[] scores = scorer.score(sample);
        for (int i = 0; i < sample.size(); i++) {
            TokenizedPair pair = sample.get(i);
            double chosen = Math.abs(known.chosen(indices.get(i)) - scores[2 * i]);
            double rejected = Math.abs(known.rejected(indices.get(i)) - scores[2 * i + 1]);
            if (chosen > TOLERANCE * pair.chosenIds().length || rejected > TOLERANCE * pair.rejectedIds().length) {
                return false;
            }
        }
        return true;
    }

    private String key(Examples<TokenizedPair> pairs) {
        MessageDigest digest = sha256();
        digest.update(modelDigest.getBytes(StandardCharsets.UTF_8));
        for (long i = 0; i < pairs.size(); i++) {
            TokenizedPair pair = pairs.get(i);
            add(digest, pair.promptIds());
            add(digest, pair.chosenIds());
            add(digest, pair.rejectedIds());
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
