package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.cluster.Traffic;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.testing.ForwardingCluster;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning and pre-training by replicas, as whole stages. */
class ReplicasTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    /** Eight steps of four rows a replica. */
    private SftConfig config(ReplicasConfig parts, UnaryOperator<SftConfigBuilder> keys) {
        return tiny.config(
                "start",
                usual -> keys.apply(usual.dropout(0.1)
                        .parts(parts)
                        .training(training -> training.batchSize(4).maxSteps(8))));
    }

    private StageOutput run(String name, SftConfig config) {
        return tiny.harness.run(name, SftTrainer.class, config);
    }

    @Test
    void oneReplicaWithOneLocalStepAndAPlainOuterStepIsPlainTrainingToTheBit() {
        StageOutput plain = run("plain", config(ReplicasConfig.NONE, keys -> keys.neftuneNoiseAlpha(5)));
        ReplicasConfig one = new ReplicasConfig(1, 1, 1, 0, DifferenceType.FLOAT32, 1);
        StageOutput replica = run("replica", config(one, keys -> keys.neftuneNoiseAlpha(5)));

        assertThat(replica.weights()).isEqualTo(plain.weights());
        for (String metric : List.of("loss", "grad_norm", "learning_rate", "num_tokens", "entropy", "bits_per_byte")) {
            assertThat(replica.metric(metric)).as(metric).isEqualTo(plain.metric(metric));
        }
    }

    @Test
    void oneReplicaWithManyLocalStepsAndAPlainOuterStepIsPlainTrainingToo() {
        // theta - (theta - theta') is theta' in double, and the moments stay with the replica
        StageOutput plain = run("plain", config(ReplicasConfig.NONE, keys -> keys));
        StageOutput replica =
                run("replica", config(new ReplicasConfig(1, 3, 1, 0, DifferenceType.FLOAT32, 1), keys -> keys));

        assertThat(replica.weights()).isEqualTo(plain.weights());
        assertThat(replica.metric("outer_step")).containsExactly(1.0, 2.0, 3.0);
    }

    @Test
    void whereAndInWhichOrderReplicasTrainChangesNoByte() {
        for (DifferenceType type : DifferenceType.values()) {
            SftConfig config = config(new ReplicasConfig(3, 2, 0.7, 0.9, type, 1), keys -> keys);
            StageOutput here = run("here-" + type, config);
            tiny.harness.computeOn(kernels -> new IsolatedCluster(kernels, 3));
            StageOutput elsewhere = run("elsewhere-" + type, config);
            tiny.harness.computeOn(InProcessCluster::new);

            assertThat(elsewhere.weights()).as(type.name()).isEqualTo(here.weights());
            assertThat(elsewhere.lines()).as(type.name()).isEqualTo(here.lines());
        }
    }

    @Test
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot() {
        SftConfig config = config(
                new ReplicasConfig(2, 3, 0.7, 0.9, DifferenceType.INT8, 1),
                keys -> keys.data(data -> data.evalFraction(0.2))
                        .training(training -> training.maxSteps(10).saveSteps(2).saveTotalLimit(2)));
        StageOutput unbroken = run("unbroken", config);

        for (int step : List.of(1, 3, 5, 9)) {
            tiny.harness.stopAfter(step, "stopped-" + step, SftTrainer.class, config);
            same(tiny.harness.resume("stopped-" + step, SftTrainer.class, config), unbroken);
            tiny.harness.killAfter(step, "killed-" + step, SftTrainer.class, config);
            same(tiny.harness.resume("killed-" + step, SftTrainer.class, config), unbroken);
        }
    }

    private static void same(StageOutput resumed, StageOutput unbroken) {
        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void aCheckpointWhoseReplicaHasLostItsStateIsPassedOver() throws IOException {
        SftConfig config = config(ReplicasConfig.of(2, 2), keys -> keys.training(training -> training.saveSteps(2)));
        StageOutput unbroken = run("unbroken", config);
        tiny.harness.stopAfter(6, "damaged", SftTrainer.class, config);
        Path states = tiny.harness.folder().resolve("damaged/checkpoints/replicas");
        Files.delete(states.resolve("round-3/replica-2.safetensors"));
        Files.writeString(states.resolve("round-2/replica-1.result"), "not a result");

        same(tiny.harness.resume("damaged", SftTrainer.class, config), unbroken);
        assertThat(tiny.harness.said())
                .anyMatch(line -> line.contains("step-6 is passed over"))
                .contains("[damaged] resumed from step 4");
    }

    @Test
    void aRoundThatIsBrokenOffKeepsWhatItsReplicasHaveDone() {
        SftConfig config = config(ReplicasConfig.of(3, 2), keys -> keys.training(training -> training.saveSteps(2)));
        StageOutput unbroken = run("unbroken", config);
        FaultyCluster faulty = new FaultyCluster(tiny.harness.kernels());
        tiny.harness.computeOn(kernels -> faulty);
        faulty.breakOffAfter = 5; // the second of the three replicas of the second round
        assertThatThrownBy(() -> run("broken", config)).hasMessage("broken off");
        faulty.breakOffAfter = Integer.MAX_VALUE;
        faulty.pieces = 0;
        StageOutput resumed = tiny.harness.resume("broken", SftTrainer.class, config);
        tiny.harness.computeOn(InProcessCluster::new);

        same(resumed, unbroken);
        assertThat(faulty.pieces).isEqualTo(1 + 3 + 3);
    }

    @Test
    void whatAReplicaWroteAndIsNoLongerSoIsComputedAgain() {
        SftConfig config = config(ReplicasConfig.of(2, 2), keys -> keys);
        StageOutput unbroken = run("unbroken", config);
        FaultyCluster faulty = new FaultyCluster(tiny.harness.kernels());
        tiny.harness.computeOn(kernels -> faulty);
        Path round = tiny.harness.folder().resolve("damaged/checkpoints/replicas/round-2");
        faulty.afterwards = () -> {
            Path file = round.resolve("replica-1.difference");
            if (faulty.pieces == 4 && Files.exists(file)) {
                damage(file);
            }
        };
        StageOutput damaged = run("damaged", config);
        tiny.harness.computeOn(InProcessCluster::new);

        same(damaged, unbroken);
        assertThat(faulty.pieces).isEqualTo(8 + 1);
    }

    @Test
    void storageThatIsGoneIsALineAndTheRunContinuesWhenItIsBack() {
        SftConfig config = config(ReplicasConfig.of(2, 2), keys -> keys.training(training -> training.saveSteps(2)));
        StageOutput unbroken = run("unbroken", config);
        FaultyCluster faulty = new FaultyCluster(tiny.harness.kernels());
        tiny.harness.computeOn(kernels -> faulty);
        Path rounds = tiny.harness.folder().resolve("gone/checkpoints/replicas");
        faulty.afterwards = () -> {
            if (Files.exists(rounds.resolve("round-3"))) {
                AtomicFiles.delete(rounds.resolve("round-3"));
            }
        };
        assertThatThrownBy(() -> run("gone", config))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("round 3: what replicas wrote to")
                .hasMessageContaining("is not there, or is not what they say it is, after 3 attempts; workers must see"
                        + " this folder under the same name");
        tiny.harness.computeOn(InProcessCluster::new);

        same(tiny.harness.resume("gone", SftTrainer.class, config), unbroken);
    }

    private static void damage(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 4;
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void workerThreadsComputeTheSameBytes() {
        SftConfig config = config(ReplicasConfig.of(3, 2), keys -> keys);
        StageOutput here = run("here", config);
        for (int workers : List.of(1, 2)) {
            tiny.harness.computeOn(kernels -> new DistributedCluster(
                    kernels,
                    new ThreadsBackend(workers, 1, Runtime.getRuntime().availableProcessors()),
                    workers,
                    true));
            same(run("threads-" + workers, config), here);
        }
        tiny.harness.computeOn(InProcessCluster::new);
    }

    @Test
    void aTaskIsNoLongerWhereARoundHasMoreRows() { // they are in a file, since a message may have 1 GiB
        assertThat(taskBytes(8)).isPositive().isEqualTo(taskBytes(4));
    }

    private long taskBytes(int batchSize) {
        List<Traffic> seen = new ArrayList<>();
        tiny.harness.computeOn(kernels -> new DistributedCluster(
                kernels, new ThreadsBackend(1, 1, Runtime.getRuntime().availableProcessors()), 1, true, seen::add));
        run(
                "rows-" + batchSize,
                config(ReplicasConfig.of(2, 2), keys -> keys.training(training -> training.batchSize(batchSize))));
        tiny.harness.computeOn(InProcessCluster::new);
        return seen.stream().mapToLong(Traffic::taskBytes).sum();
    }

    /** Computes here, and then things happen. */
    private static final class FaultyCluster extends ForwardingCluster {
        private int pieces;
        private int breakOffAfter = Integer.MAX_VALUE;
        private Runnable afterwards = () -> {};

        private FaultyCluster(Kernels kernels) {
            super(new InProcessCluster(kernels));
        }

        @Override
        public <I, O> List<O> map(String name, List<I> inputs, Task<I, O> task, LongConsumer progress) {
            List<O> results = new ArrayList<>();
            for (I input : inputs) {
                if (pieces == breakOffAfter) {
                    throw new IllegalStateException("broken off");
                }
                results.addAll(super.map(name, List.of(input), task, progress));
                pieces++;
            }
            afterwards.run();
            return results;
        }
    }

    @Test
    void statesStayAsLongAsACheckpointNeedsThem() {
        run("none", config(ReplicasConfig.of(2, 2), keys -> keys));
        run(
                "one",
                config(
                        ReplicasConfig.of(2, 2),
                        keys -> keys.training(t -> t.saveSteps(4).saveTotalLimit(1))));

        assertThat(tiny.harness.folder().resolve("none/checkpoints")).doesNotExist();
        Path replicas = tiny.harness.folder().resolve("one/checkpoints/replicas");
        assertThat(replicas).isDirectoryContaining("glob:**round-4").isDirectoryNotContaining("glob:**round-3");
        assertThat(replicas.resolve("round-4"))
                .isDirectoryNotContaining("glob:**.difference")
                .isDirectoryNotContaining("glob:**rows");
    }

    @Test
    void theLossIsTheMeanOfTheReplicas() {
        StageOutput output = run("two", config(ReplicasConfig.of(2, 2), keys -> keys));

        List<Double> losses = output.metric("loss");
        for (int step = 0; step < 8; step++) {
            double first = output.metric("loss_replica_1").get(step);
            double second = output.metric("loss_replica_2").get(step);
            assertThat(losses.get(step)).isCloseTo((first + second) / 2, within(1e-12));
            assertThat(first).isNotEqualTo(second); // rows of its own
        }
        assertThat(losses.get(7)).isLessThan(0.8 * losses.get(0));
        assertThat(output.metric("bytes_sent")).hasSize(4).containsOnly(2.0 * 4 * weights());
    }

    @Test
    void smallDifferencesTakeAHalfAndAQuarterOfTheBytesAndTrainAsWell() {
        StageOutput whole = run("float32", config(ReplicasConfig.of(2, 2), keys -> keys));
        double exact = whole.metric("loss").get(7);
        for (DifferenceType type : List.of(DifferenceType.BFLOAT16, DifferenceType.INT8)) {
            StageOutput small = run(type.name(), config(new ReplicasConfig(2, 2, 0.7, 0.9, type, 1), keys -> keys));

            assertThat(small.metric("loss").get(7)).as(type.name()).isCloseTo(exact, within(0.1 * exact));
            double share = small.metric("bytes_sent").get(0)
                    / whole.metric("bytes_sent").get(0);
            assertThat(share).as(type.name()).isBetween(type == DifferenceType.INT8 ? 0.25 : 0.5, 0.51);
        }
    }

    private long weights() {
        try (Transformer model = Transformer.load(
                tiny.harness.model("start").directory(), Set.of(Head.LANGUAGE), tiny.harness.kernels())) {
            return model.parameters().count();
        }
    }

    @Test
    void aShortLastBatchIsSharedOutAndReplicasWithoutRowsWait() {
        // 24 demonstrations: with 3 replicas of 7 rows an epoch ends with 3 rows, one each; with 5 of 4 rows with 4,
        // one of them has none
        SftConfig three = config(
                ReplicasConfig.of(3, 2),
                keys -> keys.training(training -> training.batchSize(7).maxSteps(4)));
        SftConfig five = config(ReplicasConfig.of(5, 2), keys -> keys.training(training -> training.maxSteps(4)));

        assertThat(run("three", three).metric("loss")).hasSize(4).allMatch(Double::isFinite);
        StageOutput output = run("five", five);
        assertThat(output.metric("loss")).hasSize(4).allMatch(Double::isFinite);
        assertThat(output.metric("loss_replica_1").size()
                        + output.metric("loss_replica_5").size())
                .isLessThan(8);
    }

    @Test
    void pretrainingAndTheOtherLossAreSharedOutToo() {
        PretrainConfig pretraining =
                tiny.pretraining(TinySft.sizes(ExpertsConfig.NONE), keys -> keys.parts(ReplicasConfig.of(2, 2)));
        StageOutput pretrained = tiny.harness.run("pretrained", Pretrainer.class, pretraining);
        assertThat(pretrained.metric("loss").get(7))
                .isLessThan(pretrained.metric("loss").get(0));

        ReplicasConfig plain = new ReplicasConfig(1, 2, 1, 0, DifferenceType.FLOAT32, 1);
        UnaryOperator<SftConfigBuilder> dynamic = keys -> keys.lossType(SftLossConfig.LossType.DFT);
        assertThat(run("replica", config(plain, dynamic)).weights())
                .isEqualTo(run("alone", config(ReplicasConfig.NONE, dynamic)).weights());
    }

    @Test
    void whatDoesNotGoTogetherIsSaidWithItsKey() {
        refused("local_steps must be >= 1 with replicas: 2 (DiLoCo: 500), but is 0", () -> ReplicasConfig.of(2, 0));
        refused(
                "outer_momentum does nothing without local_steps, so must be left out, but is 0.5",
                () -> new ReplicasConfig(1, 0, 0.7, 0.5, DifferenceType.FLOAT32, 1));
        refused(
                "shards must be 1 with local_steps: a step is the replica's own, but is 2",
                () -> new ReplicasConfig(1, 2, 0.7, 0.9, DifferenceType.FLOAT32, 2));
        refused(
                "eval_steps must be a multiple of local_steps, which is 2: between outer steps the model does not change, but is 3",
                () -> config(
                        ReplicasConfig.of(2, 2),
                        keys -> keys.data(data -> data.evalFraction(0.2)).training(t -> t.evalSteps(3))));
        refused(
                "canary_steps must be 0 with local_steps, whose results have digests, but is 5",
                () -> config(ReplicasConfig.of(2, 2), keys -> keys.training(t -> t.canarySteps(5))));
    }

    private static void refused(String message, Runnable making) {
        assertThatThrownBy(making::run).isInstanceOf(ConfigException.class).hasMessage(message);
    }
}
