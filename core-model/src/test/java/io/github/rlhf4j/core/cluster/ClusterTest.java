package io.github.rlhf4j.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.wire.Blob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Pure tasks in this process; {@code testing.IsolatedClusterTest} has the same on copies of the models. */
class ClusterTest {
    private static final CpuKernels KERNELS = new CpuKernels(2);
    private static final Transformer MODEL = Transformer.create(
            ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true),
            Set.of(Head.LANGUAGE, Head.SCALAR),
            KERNELS,
            CounterRandom.of(3));

    private static final UncheckedIOException FULL = new UncheckedIOException(
            "cannot write a/b: No space left on device", new IOException("No space left on device"));

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    /** Multiplies, on a worker that it does not need. */
    private record Times(int factor) implements Task<Integer, Integer> {
        @Override
        public Integer run(Integer input, Worker worker) {
            if (input == 0) {
                throw new IllegalArgumentException("nothing to multiply");
            }
            if (input < 0) {
                throw new UserError("give a number above 0");
            }
            return factor * input;
        }
    }

    /** Asks for a version of a model. */
    private record Asks(ModelVersion version) implements Task<String, Boolean> {
        @Override
        public Boolean run(String input, Worker worker) {
            return worker.model(version).config().vocabSize() == 40 && worker.kernels() == KERNELS;
        }
    }

    @Test
    void resultsAreInTheOrderOfTheInputs() {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            assertThat(cluster.map("times", List.of(3, 1, 2), new Times(10))).containsExactly(30, 10, 20);
            assertThat(cluster.map("times", List.of(), new Times(10))).isEmpty();
        }
    }

    @Test
    void aFailingTaskNamesItselfAndItsPiece() {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            assertThatThrownBy(() -> cluster.map("judging", List.of(1, 0, 2), new Times(2)))
                    .isInstanceOf(TaskFailure.class)
                    .hasMessage("judging: piece 2 of 3 failed: java.lang.IllegalArgumentException: nothing to multiply")
                    .hasCauseInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void theUsersMistakeStaysAsItIs() {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            assertThatThrownBy(() -> cluster.map("judging", List.of(-1), new Times(2)))
                    .isInstanceOf(UserError.class)
                    .hasMessage("give a number above 0");
        }
    }

    /** Writes a file, as rounds of replicas do. */
    private record Writes() implements Task<String, String> {
        @Override
        public String run(String input, Worker worker) {
            throw FULL;
        }
    }

    /** Workers whose disk is full. */
    private static final class FullBackend implements Backend {
        private int workers = 1;

        @Override
        public List<byte[]> run(Work work, LongConsumer progress) {
            return work.inputs().stream()
                    .map(input -> Envelope.failure(FULL).bytes())
                    .toList();
        }

        @Override
        public int workers() {
            return workers;
        }

        @Override
        public void forget(Blob blob) {}

        @Override
        public String description() {
            return "full";
        }

        @Override
        public void close() {}
    }

    @Test
    void whatAFileCannotDoIsSaidAsItIsHereAndOnAWorker() {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            assertThatThrownBy(() -> cluster.map("round 1", List.of("a"), new Writes()))
                    .isSameAs(FULL);
        }
        try (Cluster cluster = new DistributedCluster(KERNELS, new FullBackend(), 1, true);
                SharedModel shared = cluster.share("policy", MODEL)) {
            List<GenerationRequest> requests = List.of(new GenerationRequest(new int[] {1}, 1, CounterRandom.of(1)));
            SamplingOptions greedy = SamplingOptions.greedy(4, new int[0]);
            assertThatThrownBy(() -> shared.generate("roll-outs", requests, greedy, units -> {}))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessage(FULL.getMessage());
        }
    }

    @Test
    void workersThatComeLaterAreGivenPiecesUnlessTheirNumberIsSaid() {
        FullBackend backend = new FullBackend();
        try (Cluster counting = new DistributedCluster(KERNELS, backend, 0, false);
                Cluster said = new DistributedCluster(KERNELS, backend, 7, false)) {
            assertThat(counting.pieces()).isEqualTo(2);
            backend.workers = 5;
            assertThat(counting.pieces()).isEqualTo(10);
            assertThat(said.pieces()).isEqualTo(7);
        }
    }

    @Test
    void aFileThatAWorkerCannotWriteTravelsWithTheReason() {
        Envelope sent = Envelope.failure(new UncheckedIOException(
                "cannot write a/b", new FileSystemException("a/b", null, "No space left on device")));
        Envelope come = Envelope.open(sent.bytes());

        assertThat(come.outcome()).isEqualTo(Envelope.Outcome.FILE);
        assertThat(come.message()).isEqualTo("cannot write a/b: No space left on device");
    }

    @Test
    void anOldVersionOfAModelIsNotThereAnyMore() {
        try (Cluster cluster = new InProcessCluster(KERNELS);
                SharedModel shared = cluster.share("policy", MODEL)) {
            ModelVersion first = shared.version();
            assertThat(cluster.map("asks", List.of(""), new Asks(first))).containsExactly(true);
            shared.changed();

            assertThat(cluster.map("asks", List.of(""), new Asks(shared.version())))
                    .containsExactly(true);
            assertThatThrownBy(() -> cluster.map("asks", List.of(""), new Asks(first)))
                    .hasMessageContaining("ModelVersion[model=policy, version=0] is not there");
        }
    }

    @Test
    void aModelThatIsSharedNoMoreIsNotThere() {
        try (Cluster cluster = new InProcessCluster(KERNELS)) {
            SharedModel shared = cluster.share("policy", MODEL);
            assertThatThrownBy(() -> cluster.share("policy", MODEL)).hasMessage("two models are called policy");
            shared.close();

            assertThatThrownBy(() -> cluster.map("asks", List.of(""), new Asks(shared.version())))
                    .hasMessageContaining("there is no model of that name");
            cluster.share("policy", MODEL).close();
        }
    }

    @Test
    void piecesDifferInSizeByOneAtMost() {
        assertThat(SharedModel.cut(List.of(1, 2, 3, 4, 5), 2)).containsExactly(List.of(1, 2), List.of(3, 4, 5));
        assertThat(SharedModel.cut(List.of(1), 4)).containsExactly(List.of(1));
        assertThat(SharedModel.cut(List.of(), 4)).isEmpty();
    }
}
