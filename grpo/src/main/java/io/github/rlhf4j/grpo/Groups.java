package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.rollout.Rollout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Where the responses of a generation come from: the policy and a reward, or a file. */
@FunctionalInterface
interface Groups {
    /**
     * The responses to the prompts of some steps, scored.
     *
     * @param generation from 1
     * @param firstBatch the number of the first batch of prompts, from 1
     * @param batches how many batches
     */
    Generation next(long generation, long firstBatch, int batches);

    /** Begins with what a later generation takes, once; to be called before the first update of this one. */
    default void ahead(long generation) {}

    /** How many generations ago the weights were those that sampled a generation. */
    default long staleness(long generation) {
        return 0;
    }

    /** The row of a group of the last generation: of the step, from 0, the group at that place. */
    default Row row(long firstBatch, int step, int place) {
        return new Row(firstBatch + step, place);
    }

    /** Where a prompt comes from: the number of its batch, from 1, and its place there. */
    record Row(long batch, int place) {
        /** What the rows of a loop were made of; each batch is read once. */
        static Function<Row, Map<String, Object>> described(StageLoop<?> loop) {
            Map<Long, IntFunction<Map<String, Object>>> batches = new HashMap<>();
            return row -> batches.computeIfAbsent(row.batch(), loop::described).apply(row.place());
        }
    }

    /**
     * What was drawn for some steps.
     *
     * @param steps by step, then by prompt, then by response
     * @param leftOut groups that no step learns from, since their responses have one reward
     */
    record Generation(List<List<List<Rollout>>> steps, List<List<Rollout>> leftOut) {
        /** Every group is learnt from. */
        static Generation of(List<List<List<Rollout>>> steps) {
            return new Generation(steps, List.of());
        }

        /** The groups of all steps. */
        List<List<Rollout>> groups() {
            return steps.stream().flatMap(List::stream).toList();
        }
    }
}
