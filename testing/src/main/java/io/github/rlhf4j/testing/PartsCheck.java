package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Holds what replicas and shards promise, of any stage: one part is the plain run to the bit, shards are it to rounding, and workers change no byte of either, whether the run is killed or not.
 *
 * @param harness with the models and data that configs name
 * @param stage its trainer
 * @param config of the stage with those parts: some steps, each logged and saved, batches of three rows at least
 */
public record PartsCheck<C extends Record>(
        StageHarness harness, Class<? extends Stage<C>> stage, Function<ReplicasConfig, C> config) {
    private static final ReplicasConfig ONE = new ReplicasConfig(1, 1, 1, 0, DifferenceType.FLOAT32, 1);
    private static final ReplicasConfig TWO = new ReplicasConfig(2, 2, 0.7, 0.9, DifferenceType.INT8, 1);
    private static final ReplicasConfig SHARDS = ReplicasConfig.shards(3);
    private static final double TOLERANCE = 1e-5; // relative, or absolute below 1

    /**
     * Runs it in every way.
     *
     * @param name of the runs
     * @param metrics that are compared
     * @throws AssertionError saying what differs
     */
    public void run(String name, String... metrics) {
        StageOutput plain = harness.run(name + "-plain", stage, config.apply(ReplicasConfig.NONE));
        StageOutput one = harness.run(name + "-one", stage, config.apply(ONE));
        same(name + " as one replica, weights", one.weights(), plain.weights());
        StageOutput shards = harness.run(name + "-shards", stage, config.apply(SHARDS));
        for (String metric : metrics) {
            same(name + " as one replica, " + metric, one.metric(metric), plain.metric(metric));
            near(name + " in shards, " + metric, shards.metric(metric), plain.metric(metric));
        }
        StageOutput replicas = harness.run(name + "-replicas", stage, config.apply(TWO));
        harness.computeOn(kernels -> new IsolatedCluster(kernels, 2));
        same(name + " in shards elsewhere", harness.run(name + "-shards-away", stage, config.apply(SHARDS)), shards);
        harness.killAfter(1, name + "-replicas-away", stage, config.apply(TWO));
        same(
                name + " by replicas elsewhere",
                harness.resume(name + "-replicas-away", stage, config.apply(TWO)),
                replicas);
        harness.computeOn(InProcessCluster::new);
    }

    private static void same(String what, StageOutput one, StageOutput other) {
        same(what + ", metrics", one.lines(), other.lines());
        same(what + ", weights", one.weights(), other.weights());
    }

    private static void same(String what, List<?> one, List<?> other) {
        if (other.isEmpty() || !one.equals(other)) {
            throw new AssertionError(what + ": " + one + " must be " + other);
        }
    }

    private static void same(String what, byte[] one, byte[] other) {
        if (!Arrays.equals(one, other)) {
            throw new AssertionError(what + " are other bytes");
        }
    }

    private static void near(String what, List<Double> some, List<Double> others) {
        boolean areNear = some.size() == others.size();
        for (int i = 0; areNear && i < some.size(); i++) {
            areNear = Math.abs(some.get(i) - others.get(i)) <= TOLERANCE * Math.max(1, Math.abs(others.get(i)));
        }
        if (!areNear) {
            throw new AssertionError(what + ": " + some + " must be near " + others);
        }
    }
}
