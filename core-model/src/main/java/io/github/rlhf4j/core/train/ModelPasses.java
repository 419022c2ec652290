package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a step's micro-batches go through a model: one after another, each computed by all threads; or, where the model is small, as far as the examples can be shared out evenly, on replicas
 * ({@link Transformer#replicas}), each computed by one thread. Which of the two, and what is on which replica, depends on the examples and the machine, not on the number of threads.
 */
final class ModelPasses {
    /** How much larger than the mean the largest replica may be. */
    private static final double EVEN = 1.1;

    private final Kernels kernels;
    private final int microBatchTokens;
    private final Pass together;
    private final List<Pass> replicas;
    private boolean trains;
    private boolean used; // the replicas, since gradients were zero

    /** A model, or a replica of one, with what it reports. */
    record Pass(Transformer model, Outputs outputs) {}

    /** What is done with a micro-batch, or what became of it; those of different replicas at the same time. */
    interface Work<T, R> {
        R apply(Pass pass, T item);
    }

    /**
     * Examples of a step, its micro-batches, or what became of them, by where they are computed.
     *
     * @param replicas by replica; empty, or one list for each
     * @param together those computed by all threads, one after another
     * @param rowsOnReplicas of all replicas
     */
    record ByReplica<T>(List<List<T>> replicas, List<T> together, long rowsOnReplicas) {
        ByReplica(List<T> together) {
            this(List.of(), together, 0);
        }

        /** All of them, replica after replica, then those computed by all threads. */
        List<T> all() {
            return Stream.concat(replicas.stream().flatMap(List::stream), together.stream())
                    .toList();
        }
    }

    /** @param microBatchTokens rows at once, of all replicas together */
    ModelPasses(Transformer model, int microBatchTokens) {
        this.kernels = model.kernels();
        this.microBatchTokens = microBatchTokens;
        together = new Pass(model, new Outputs());
        List<Transformer> views = model.replicas();
        replicas = views.stream().map(view -> new Pass(view, new Outputs())).toList();
    }

    /**
     * Cuts a step.
     *
     * @param whole whether rows that nothing reads are kept, since a loss (the routers') counts all of them, and depends on what is computed together: then there are no replicas
     */
    <E> ByReplica<MicroBatch<E>> cut(MicroBatch.Laid<E> step, boolean whole) {
        return cut(step, 0, step.examples().size(), whole);
    }

    /** Cuts some examples of a step: from one to before another. */
    <E> ByReplica<MicroBatch<E>> cut(MicroBatch.Laid<E> step, int from, int to, boolean whole) {
        long[] rows = step.rows();
        List<Integer> examples = IntStream.range(from, to).boxed().toList();
        ByReplica<Integer> shares = whole ? new ByReplica<>(examples) : shares(examples, rows);
        int each = Math.max(1, microBatchTokens / Math.max(1, replicas.size()));
        return new ByReplica<>(
                shares.replicas().stream()
                        .map(share -> cut(step, rows, share, each, whole))
                        .toList(),
                cut(step, rows, shares.together(), microBatchTokens, whole),
                shares.rowsOnReplicas());
    }

    private static <E> List<MicroBatch<E>> cut(
            MicroBatch.Laid<E> step, long[] rows, List<Integer> share, int maxTokens, boolean whole) {
        int[] indices = share.stream().mapToInt(i -> i).sorted().toArray();
        return MicroBatch.cut(step, rows, indices, maxTokens, whole);
    }

    /**
     * Shares the examples out to the replicas, the longest first, each where there is least so far. Until that is even, the last example of the fullest replica comes out, to be computed by all threads: so are all where replicas
     * would not do most of the work.
     */
    private ByReplica<Integer> shares(List<Integer> examples, long[] rows) {
        List<Integer> rest = new ArrayList<>(examples);
        rest.sort(Comparator.comparingLong((Integer i) -> -rows[i]));
        List<Integer> out = new ArrayList<>();
        long total = examples.stream().mapToLong(example -> rows[example]).sum();
        long onReplicas = total;
        List<Integer> all = IntStream.range(0, replicas.size()).boxed().toList();
        while (!replicas.isEmpty() && 2 * onReplicas > total) {
            long[] sums = new long[replicas.size()];
            List<List<Integer>> shares = new ArrayList<>();
            replicas.forEach(replica -> shares.add(new ArrayList<>()));
            Comparator<Integer> byRows = Comparator.comparingLong(replica -> sums[replica]);
            for (int example : rest) {
                int least = Collections.min(all, byRows);
                sums[least] += rows[example];
                shares.get(least).add(example);
            }
            int fullest = Collections.max(all, byRows);
            if (sums[fullest] * replicas.size() <= EVEN * onReplicas) {
                return new ByReplica<>(shares, out, onReplicas);
            }
            Integer last = shares.get(fullest).get(shares.get(fullest).size() - 1);
            rest.remove(last);
            out.add(last);
            onReplicas -= rows[last];
        }
        return new ByReplica<>(examples);
    }

    /** Micro-batches that were cut elsewhere, where they would have been computed. */
    <T> ByReplica<T> place(List<T> batches, boolean onReplicas, long rowsOnReplicas) {
        if (!onReplicas) {
            return new ByReplica<>(List.of(), batches, rowsOnReplicas);
        }
        if (replicas.isEmpty()) {
            throw new IllegalStateException("there are no replicas here");
        }
        List<List<T>> shares = new ArrayList<>();
        for (int replica = 0; replica < replicas.size(); replica++) {
            int from = (int) ((long) batches.size() * replica / replicas.size());
            int to = (int) ((long) batches.size() * (replica + 1) / replicas.size());
            shares.add(batches.subList(from, to));
        }
        return new ByReplica<>(shares, List.of(), rowsOnReplicas);
    }

    /** The results of {@code work}, those of a replica in order. */
    <T, R> ByReplica<R> map(ByReplica<T> items, Work<T, R> work) {
        List<List<R>> ofReplicas = new ArrayList<>();
        items.replicas().forEach(replica -> ofReplicas.add(new ArrayList<>()));
        List<R> ofAll = new ArrayList<>();
        together.model().prepareForward();
        Runnable passes = () -> {
            if (!ofReplicas.isEmpty()) {
                runReplicas(items.replicas(), ofReplicas, work);
            }
            run(together, items.together(), ofAll, work);
        };
        if (items.rowsOnReplicas() >= ModelSize.TRANSPOSED_FROM) {
            together.model().withTransposedWeights(passes);
        } else {
            passes.run();
        }
        return new ByReplica<>(ofReplicas, ofAll, items.rowsOnReplicas());
    }

    private <T, R> void runReplicas(List<List<T>> items, List<List<R>> results, Work<T, R> work) {
        boolean first = trains && !used;
        used = true;
        kernels.together(items.size(), replica -> {
            if (first && replica > 0) {
                replicas.get(replica).model().trained().zeroGradients();
            }
            run(replicas.get(replica), items.get(replica), results.get(replica), work);
        });
    }

    private static <T, R> void run(Pass pass, List<T> items, List<R> results, Work<T, R> work) {
        items.forEach(item -> results.add(work.apply(pass, item)));
    }

    /** Gives the replicas gradients where the model has them. */
    void enableGradients() {
        trains = true;
        replicas.stream()
                .skip(1)
                .forEach(replica -> replica.model()
                        .trained()
                        .enableGradients(
                                name -> together.model().trained().get(name).trainable()));
    }

    /** Sets all gradients to zero. */
    void zeroGradients() {
        together.model().trained().zeroGradients();
        used = false;
    }

    /** Keeps the model's gradients, those of the replicas, which are in them, left aside: what comes next is added. */
    void addToGradients() {
        used = false;
    }

    /** Adds the replicas' gradients to the model's, in the replicas' order. */
    void gatherGradients() {
        if (used) {
            replicas.stream().skip(1).forEach(replica -> together.model().addGradientsOf(replica.model()));
        }
    }
}
