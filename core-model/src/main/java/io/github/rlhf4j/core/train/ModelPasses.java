package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How a step's micro-batches go through a model: one after another, each computed by all threads; or, where the model is small and the examples can be shared out evenly, in lanes
 * ({@link Transformer#lanes}), each computed by one thread. Which of the two, and what is in which lane, depends on the examples and the machine, not on the number of threads.
 */
final class ModelPasses {
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

    /** Micro-batches, or what became of them, by lane; one lane where they follow each other. */
    record ByLane<T>(List<List<T>> lanes) {
        /** All of them, lane after lane. */
        List<T> all() {
            return lanes.stream().flatMap(List::stream).toList();
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
    <E> ByLane<MicroBatch<E>> cut(MicroBatch.Laid<E> step, boolean whole) {
        long[] rows = step.rows();
        List<List<Integer>> shares = whole ? oneShare(rows.length) : shares(rows);
        int each = Math.max(1, microBatchTokens / shares.size());
        return new ByLane<>(shares.stream()
                .map(share -> MicroBatch.cut(
                        step, rows, share.stream().mapToInt(i -> i).sorted().toArray(), each, whole))
                .toList());
    }

    /** The examples of each lane: the longest first, each where there is least so far. All in one where that is not even, or there are no lanes. */
    private List<List<Integer>> shares(long[] rows) {
        if (lanes.isEmpty() || rows.length < lanes.size()) {
            return oneShare(rows.length);
        }
        long[] sums = new long[lanes.size()];
        List<List<Integer>> shares = new ArrayList<>();
        lanes.forEach(lane -> shares.add(new ArrayList<>()));
        for (int example : oneShare(rows.length).get(0).stream()
                .sorted(Comparator.comparingLong((Integer i) -> -rows[i]))
                .toList()) {
            int least = 0;
            for (int lane = 1; lane < sums.length; lane++) {
                least = sums[lane] < sums[least] ? lane : least;
            }
            sums[least] += rows[example];
            shares.get(least).add(example);
        }
        double mean = (double) Arrays.stream(rows).sum() / sums.length;
        return Arrays.stream(sums).max().orElse(0) <= EVEN * mean ? shares : oneShare(rows.length);
    }

    private static List<List<Integer>> oneShare(int examples) {
        return List.of(IntStream.range(0, examples).boxed().toList());
    }

    /** The results of {@code work}, those of a lane in order. */
    <T, R> ByLane<R> map(ByLane<T> items, Work<T, R> work) {
        List<List<R>> results = new ArrayList<>();
        items.lanes().forEach(lane -> results.add(new ArrayList<>()));
        if (results.size() == 1) {
            run(together, items.lanes().get(0), results.get(0), work);
        } else {
            boolean first = trains && !used;
            used = true;
            kernels.together(results.size(), lane -> {
                if (first && lane > 0) {
                    lanes.get(lane).model().parameters().zeroGradients();
                }
                run(lanes.get(lane), items.lanes().get(lane), results.get(lane), work);
            });
        }
        return new ByLane<>(results);
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
