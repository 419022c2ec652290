package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ScorePart;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** A model that tasks of a {@link Cluster} can use: generates and scores there. Closing it ends that; the model itself is its owner's. */
public final class SharedModel implements AutoCloseable {
    private final Cluster cluster;
    private final String name;
    private final Transformer model;
    private final MadeOfModel planners; // its scorers cut work
    private Runnable release;
    private long version;

    /**
     * For implementations of {@link Cluster#share}.
     *
     * @param release what the cluster does when nobody needs the model any more
     */
    public SharedModel(Cluster cluster, String name, Transformer model, Runnable release) {
        this.cluster = cluster;
        this.name = name;
        this.model = model;
        this.planners = new MadeOfModel(model);
        this.release = release;
    }

    /** The model, whose weights are those of the newest version. */
    public Transformer model() {
        return model;
    }

    /** The weights as they are now. */
    public ModelVersion version() {
        return new ModelVersion(name, version);
    }

    /** The weights have changed: tasks from now on use the new ones. */
    public void changed() {
        version++;
    }

    /**
     * Samples continuations. A text depends on nothing else in its piece, to the bit, so the cluster decides how requests are cut.
     *
     * @param work what it is called in messages
     * @return by request, then by sample, {@link Generated#request} counting all requests
     */
    public List<Generated> generate(String work, List<GenerationRequest> requests, SamplingOptions options) {
        return generate(work, requests, options, continuations -> {});
    }

    /**
     * The same with progress.
     *
     * @param progress told how many more continuations are finished
     */
    public List<Generated> generate(
            String work, List<GenerationRequest> requests, SamplingOptions options, LongConsumer progress) {
        List<List<GenerationRequest>> pieces = cut(requests, cluster.pieces());
        return joined(pieces, cluster.map(work, pieces, new GenerateTask(version(), options), progress));
    }

    /** Begins to sample continuations with the weights as they are now, as {@link Cluster#begin} does. */
    public Supplier<List<Generated>> begin(String work, List<GenerationRequest> requests, SamplingOptions options) {
        List<List<GenerationRequest>> pieces = cut(requests, cluster.pieces());
        Supplier<List<List<Generated>>> results = cluster.begin(work, pieces, new GenerateTask(version(), options));
        return () -> joined(pieces, results.get());
    }

    private static List<Generated> joined(List<List<GenerationRequest>> pieces, List<List<Generated>> results) {
        List<Generated> all = new ArrayList<>();
        int before = 0;
        for (int piece = 0; piece < pieces.size(); piece++) {
            for (Generated generated : results.get(piece)) {
                all.add(generated.ofRequest(before + generated.request()));
            }
            before += pieces.get(piece).size();
        }
        return all;
    }

    /**
     * Log-probs and head values of groups of sequences that share a prefix, all of them one piece: what is computed together decides the last bit of a sum.
     *
     * @param work what it is called in messages
     * @param microBatchTokens rows at once; 0 chooses by the size of the model
     * @return one list a group, in order
     */
    public List<List<BatchScorer.Scored>> score(
            String work, List<List<TokenSequence>> groups, double temperature, int microBatchTokens) {
        return score(work, groups, Math.max(1, groups.size()), temperature, microBatchTokens);
    }

    /**
     * The same in pieces of so many groups, the last with what is left.
     *
     * @param groupsOfAPiece the caller's choice, whatever the cluster: results depend on it, in the last bit
     */
    public List<List<BatchScorer.Scored>> score(
            String work,
            List<List<TokenSequence>> groups,
            int groupsOfAPiece,
            double temperature,
            int microBatchTokens) {
        List<List<List<TokenSequence>>> pieces = new ArrayList<>();
        for (int from = 0; from < groups.size(); from += groupsOfAPiece) {
            pieces.add(new ArrayList<>(groups.subList(from, Math.min(from + groupsOfAPiece, groups.size()))));
        }
        if (cluster.hasWorkers()) {
            return scoreInParts(work, pieces, temperature, microBatchTokens);
        }
        List<List<BatchScorer.Scored>> all = new ArrayList<>();
        cluster.map(work, pieces, new ScoreTask(version(), temperature, microBatchTokens))
                .forEach(all::addAll);
        return all;
    }

    /** Pieces cut once more, at the borders of micro-batches, where that changes no bit. */
    private List<List<BatchScorer.Scored>> scoreInParts(
            String work, List<List<List<TokenSequence>>> pieces, double temperature, int microBatchTokens) {
        BatchScorer scorer = planners.scorer(microBatchTokens);
        int most = Math.max(1, cluster.pieces() / Math.max(1, pieces.size()));
        List<ScorePart> parts = new ArrayList<>();
        List<Integer> firsts = new ArrayList<>(); // of the piece that a part is of
        int first = 0;
        for (List<List<TokenSequence>> piece : pieces) {
            for (ScorePart part : scorer.cut(piece, most)) {
                parts.add(part);
                firsts.add(first);
            }
            first += piece.size();
        }
        List<List<List<BatchScorer.Scored>>> results =
                cluster.map(work, parts, new ScorePartTask(version(), temperature, microBatchTokens));
        List<List<BatchScorer.Scored>> all = new ArrayList<>(Collections.nCopies(first, List.of()));
        for (int part = 0; part < parts.size(); part++) {
            List<Integer> indices = parts.get(part).indices();
            for (int i = 0; i < indices.size(); i++) {
                all.set(firsts.get(part) + indices.get(i), results.get(part).get(i));
            }
        }
        return all;
    }

    /** Does something more when it is closed. */
    public SharedModel andThen(Runnable more) {
        Runnable before = release;
        release = () -> {
            before.run();
            more.run();
        };
        return this;
    }

    /** Contiguous pieces of sizes that differ by one at most; none is empty. */
    static <T> List<List<T>> cut(List<T> all, int pieces) {
        int count = Math.min(pieces, all.size());
        List<List<T>> cut = new ArrayList<>();
        for (int piece = 0; piece < count; piece++) {
            int from = (int) ((long) all.size() * piece / count);
            int to = (int) ((long) all.size() * (piece + 1) / count);
            cut.add(new ArrayList<>(all.subList(from, to)));
        }
        return cut;
    }

    @Override
    public void close() {
        release.run();
    }
}
