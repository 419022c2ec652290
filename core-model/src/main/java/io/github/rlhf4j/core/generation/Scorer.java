package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Scores sequences of tokens, in order, a batch of tokens at a time, in constant memory: a language model gives the log-prob of each token after the first, a model with a scalar head the score that it
 * reads at the last token. Owns nothing; the model is the caller's. Not thread-safe.
 *
 * <pre>{@code
 * Scorer scorer = new Scorer(model);
 * double logProb = scorer.score(tokenizer.encode("The sky is blue.", true)).sumLogProb();
 * }</pre>
 */
public final class Scorer {
    private static final int BATCH_TOKENS = 4096;

    private final Transformer model;
    private final int batchTokens;
    private final Outputs outputs = new Outputs();

    /** With 4096 tokens in a forward pass. */
    public Scorer(Transformer model) {
        this(model, BATCH_TOKENS);
    }

    /** @param batchTokens tokens of one forward pass, unless one sequence has more */
    public Scorer(Transformer model, int batchTokens) {
        this.model = model;
        this.batchTokens = batchTokens;
    }

    /**
     * A sequence to score.
     *
     * @param where it was read, for messages
     * @param ids (T) tokens, at least one
     * @param scoredAt ascending indices of the tokens where a model that gives scores is read
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Sequence(String where, int[] ids, int[] scoredAt) {
        /** One that is scored at its last token. */
        public Sequence(String where, int[] ids) {
            this(where, ids, new int[] {ids.length - 1});
        }
    }

    /**
     * A sequence with its scores.
     *
     * @param ids (T) tokens
     * @param logProbs (T - 1) of each token after the first, nats; none from a model with a scalar head
     * @param scores from a model with a scalar head, or log-odds from one with labels, where they were asked for; none from a language model
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Scored(int[] ids, double[] logProbs, double[] scores) {
        /** The first score; NaN from a language model. */
        public double score() {
            return scores.length == 0 ? Double.NaN : scores[0];
        }

        /** Of the whole sequence after its first token, nats. */
        public double sumLogProb() {
            double sum = 0;
            for (double logProb : logProbs) {
                sum += logProb;
            }
            return sum;
        }
    }

    /**
     * Scores one sequence.
     *
     * @throws UserError as the other
     */
    public Scored score(int[] ids) {
        List<Scored> scored = new ArrayList<>();
        score(List.of(new Sequence("the text", ids)).iterator(), scored::add);
        return scored.get(0);
    }

    /**
     * Scores all sequences; those of a later batch are asked for after those of an earlier one have been given to {@code out}.
     *
     * @throws UserError that names the sequence which cannot be scored: longer than the model's context, with an id outside its vocabulary, or with a result that is not finite
     */
    public void score(Iterator<Sequence> sequences, Consumer<Scored> out) {
        List<Sequence> batch = new ArrayList<>();
        int tokens = 0;
        while (sequences.hasNext()) {
            Sequence sequence = sequences.next();
            requireFits(sequence);
            if (!batch.isEmpty() && tokens + sequence.ids().length > batchTokens) {
                score(batch, out);
                batch.clear();
                tokens = 0;
            }
            batch.add(sequence);
            tokens += sequence.ids().length;
        }
        if (!batch.isEmpty()) {
            score(batch, out);
        }
    }

    private void requireFits(Sequence sequence) {
        String where = sequence.where();
        try {
            model.config().checkFits(sequence.ids(), where);
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            throw message.startsWith(where) ? e : new UserError(where + ": " + message, e);
        }
    }

    private void score(List<Sequence> batch, Consumer<Scored> out) {
        boolean scalar = !model.heads().contains(Head.LANGUAGE);
        PackedBatch packed = PackedBatch.ofSingles(batch.stream()
                .map(sequence -> scalar
                        ? new TokenSequence(sequence.ids(), new int[0], sequence.scoredAt())
                        : TokenSequence.all(sequence.ids()))
                .toList());
        model.forward(packed, scalar ? ForwardRequest.scores() : ForwardRequest.logProbs(), outputs);
        for (int i = 0; i < batch.size(); i++) {
            Sequence sequence = batch.get(i);
            double[] none = {};
            out.accept(
                    scalar
                            ? new Scored(sequence.ids(), none, scores(packed, i, sequence))
                            : new Scored(sequence.ids(), logProbs(packed, i, sequence), none));
        }
    }

    private double[] scores(PackedBatch packed, int index, Sequence sequence) {
        double[] scores = new double[packed.scalars(index)];
        for (int j = 0; j < scores.length; j++) {
            scores[j] = finite(outputs.scalars()[packed.scalarIndex(index, j)], sequence);
        }
        return scores;
    }

    private double[] logProbs(PackedBatch packed, int index, Sequence sequence) {
        double[] logProbs = new double[packed.targets(index)];
        for (int j = 0; j < logProbs.length; j++) {
            logProbs[j] = finite(outputs.logProbs()[packed.targetIndex(index, j)], sequence);
        }
        return logProbs;
    }

    private double finite(double value, Sequence sequence) {
        if (Double.isFinite(value)) {
            return value;
        }
        UserError why = model.notFinite();
        throw new UserError(sequence.where() + ": the result is " + value + ": " + why.getMessage(), why);
    }
}
