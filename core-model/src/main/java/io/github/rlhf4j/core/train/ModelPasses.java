package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a step's micro-batches go through a model: one after another, each computed by all threads; or, where the model is small, as far as the examples can be shared out evenly, in lanes
 * ({@link Transformer#lanes}), each computed by one thread. Which of the two, and what is in which lane, depends on the examples and the machine, not on the number of threads.
 */
final class ModelPasses {
    /** Rows from which on it pays to transpose the weights. */
    private static final long ENOUGH_ROWS = 1536;

    /** How much larger than the mean the largest lane may be. */
    private static final double EVEN = 1.1;

    private final Kernels kernels;
    private final int microBatchTokens;
    private final Pass together;
    private final List<Pass> lanes;
    private boolean trains;
    private boolean used; // the lanes, since gradients were zero

    /** A model, or a lane of one, with what it reports. */
    record Pass(Transformer model, Outputs outputs) {}

    /** What is done with a micro-batch, or what became of it; those of different lanes at the same time. */
    interface Work<T, R> {
        R apply(Pass pass, T item);
    }

    /**
     * Examples of a step, its micro-batches, or what became of them, by where they are computed.
     *
     * @param lanes by lane; empty, or one list for each
     * @param together those computed by all threads, one after another
     * @param rowsInLanes of all lanes
     */
    record ByReplica<T>(List<List<T>> lanes, List<T> together, long rowsInLanes) {
        ByReplica(List<T> together) {
            this(List.of(), together, 0);
        }

        /** All of them, lane after lane, and behind them those computed by all threads. */
        List<T> all() {
            return Stream.concat(lanes.stream().flatMap(List::stream), together.stream())
                    .toList();
        }
    }

    /** @param microBatchTokens rows at once, of all lanes together */
    ModelPasses(Transformer model, int microBatchTokens) {
        this.kernels = model.kernels();
        this.microBatchTokens = microBatchTokens;
        together = new Pass(model, new Outputs());
        List<Transformer> views = model.lanes();
        lanes = views.stream().map(view -> new Pass(view, new Outputs())).toList();
    }

    /**
     * Cuts a step.
     *
     * @param whole whether rows that nothing reads are kept, since a loss (the routers') counts all of them, and depends on what is computed together: then there are no lanes
     */
    <E> ByReplica<MicroBatch<E>> cut(MicroBatch.Laid<E> step, boolean whole) {
        long[] rows = step.rows();
        List<Integer> examples = IntStream.range(0, rows.length).boxed().toList();
        ByReplica<Integer> shares = whole ? new ByReplica<>(examples) : shares(examples, rows);
        int each = Math.max(1, microBatchTokens / Math.max(1, lanes.size()));
        return new ByReplica<>(
                shares.lanes().stream()
                        .map(share -> cut(step, rows, share, each, whole))
                        .toList(),
                cut(step, rows, shares.together(), microBatchTokens, whole),
                shares.rowsInLanes());
    }

    private static <E> List<MicroBatch<E>> cut(
            MicroBatch.Laid<E> step, long[] rows, List<Integer> share, int maxTokens, boolean whole) {
        int[] indices = share.stream().mapToInt(i -> i).sorted().toArray();
        return MicroBatch.cut(step, rows, indices, maxTokens, whole);
    }

    /**
     * Shares the examples out to the lanes, the longest first, each where there is least so far. Until that is even, the last example of the fullest lane comes out, to be computed by all threads: so are all where lanes
     * would not do most of the work.
     */
    private ByReplica<Integer> shares(List<Integer> examples, long[] rows) {
        List<Integer> rest = new ArrayList<>(examples);
        rest.sort(Comparator.comparingLong((Integer i) -> -rows[i]));
        List<Integer> out = new ArrayList<>();
        long total = Arrays.stream(rows).sum();
        long inLanes = total;
        List<Integer> all = IntStream.range(0, lanes.size()).boxed().toList();
        while (!lanes.isEmpty() && 2 * inLanes > total) {
            long[] sums = new long[lanes.size()];
            List<List<Integer>> shares = new ArrayList<>();
            lanes.forEach(lane -> shares.add(new ArrayList<>()));
            Comparator<Integer> byRows = Comparator.comparingLong(lane -> sums[lane]);
            for (int example : rest) {
                int least = Collections.min(all, byRows);
                sums[least] += rows[example];
                shares.get(least).add(example);
            }
            int fullest = Collections.max(all, byRows);
            if (sums[fullest] * lanes.size() <= EVEN * inLanes) {
                return new ByReplica<>(shares, out, inLanes);
            }
            Integer last = shares.get(fullest).get(shares.get(fullest).size() - 1);
            rest.remove(last);
            out.add(last);
            inLanes -= rows[last];
        }
        return new ByReplica<>(examples);
    }

    /** The results of {@code work}, those of a lane in order. */
    <T, R> ByReplica<R> map(ByReplica<T> items, Work<T, R> work) {
        List<List<R>> ofLanes = new ArrayList<>();
        items.lanes().forEach(lane -> ofLanes.add(new ArrayList<>()));
        List<R> ofAll = new ArrayList<>();
        together.model().prepareForward();
        Runnable passes = () -> {
            if (!ofLanes.isEmpty()) {
                runLanes(items.lanes(), ofLanes, work);
            }
            run(together, items.together(), ofAll, work);
        };
        if (items.rowsInLanes() >= ENOUGH_ROWS) {
            together.model().withTransposedWeights(passes);
        } else {
            passes.run();
        }
        return new ByReplica<>(ofLanes, ofAll, items.rowsInLanes());
    }

    private <T, R> void runLanes(List<List<T>> items, List<List<R>> results, Work<T, R> work) {
        boolean first = trains && !used;
        used = true;
        kernels.together(items.size(), lane -> {
            if (first && lane > 0) {
                lanes.get(lane).model().parameters().zeroGradients();
            }
            run(lanes.get(lane), items.get(lane), results.get(lane), work);
        });
    }

    private static <T, R> void run(Pass pass, List<T> items, List<R> results, Work<T, R> work) {
        items.forEach(item -> results.add(work.apply(pass, item)));
    }

    /** Gives the lanes gradients where the model has them. */
    void enableGradients() {
        trains = true;
        lanes.stream()
                .skip(1)
                .forEach(lane -> lane.model()
                        .parameters()
                        .enableGradients(
                                name -> together.model().parameters().get(name).trainable()));
    }

    /** Sets all gradients to zero. */
    void zeroGradients() {
        together.model().parameters().zeroGradients();
        used = false;
    }

    /** Adds the lanes' gradients to the model's, in the lanes' order. */
    void gatherGradients() {
        if (used) {
            lanes.stream().skip(1).forEach(lane -> together.model().addGradientsOf(lane.model()));
        }
    }
}
