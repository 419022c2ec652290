package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.Canary;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.LocalBackends;
import io.github.rlhf4j.core.cluster.ProcessesBackend;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Worker processes: they give this process's bits, are replaced when they die or hang, and end with their driver. */
class ProcessesBackendTest {
    private static final SamplingOptions SAMPLING = SamplingOptions.sampling(0.8, 8, new int[] {2});

    private final List<String> warnings = new ArrayList<>();

    private ClusterSettings settings(String master, int silentSeconds) {
        return new ClusterSettings(master, 1, 2, silentSeconds, 120, Map.of(), warnings::add);
    }

    private static String texts(Cluster cluster, Transformer model) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            requests.add(new GenerationRequest(new int[] {1, 5 + i, 3}, 2, CounterRandom.of(i)));
        }
        StringBuilder all = new StringBuilder();
        try (SharedModel shared = cluster.share("policy", model)) {
            for (Generated text : shared.generate("texts", requests, SAMPLING)) {
                for (int t = 0; t < text.ids().length; t++) {
                    all.append(text.ids()[t]).append(Double.toHexString(text.logProbs()[t]));
                }
            }
        }
        return all.toString();
    }

    /** Works until both places are filled: another worker may have done all that was left, so a lost one's place is filled when it gets a piece. */
    private static void fill(ProcessesBackend backend, Runnable work) {
        for (int round = 0; backend.pids().size() < 2; round++) {
            assertThat(round).as("rounds of work without a new worker").isLessThan(100);
            work.run();
        }
    }

    @SuppressWarnings("try") // closed before its block ends: what is left then?
    @Test
    void workersGiveTheSameBitsAndThoseThatDieOrHangAreReplaced() throws Exception {
        try (CpuKernels kernels = new CpuKernels(1, 2);
                Transformer model = Transformer.create(
                        ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true),
                        Set.of(Head.LANGUAGE),
                        kernels,
                        CounterRandom.of(3));
                Cluster here = new InProcessCluster(kernels);
                ProcessesBackend backend = new ProcessesBackend(2, settings("processes:2", 5));
                Cluster there = new DistributedCluster(kernels, backend, 4, false)) {
            String expected = texts(here, model);
            assertThat(texts(there, model)).isEqualTo(expected);

            long killed = backend.pids().get(0);
            ProcessHandle process = ProcessHandle.of(killed).orElseThrow();
            process.destroyForcibly();
            process.onExit().join();
            assertThat(texts(there, model)).isEqualTo(expected);
            assertThat(warnings).hasSize(1);
            assertThat(warnings.get(0))
                    .contains("a worker was lost in piece ")
                    .contains("its process " + killed + " ended with code ")
                    .endsWith("; another worker computes it again");

            fill(backend, () -> assertThat(texts(there, model)).isEqualTo(expected));
            long hanging = backend.pids().get(1);
            new ProcessBuilder("kill", "-STOP", String.valueOf(hanging)).start().waitFor();
            assertThat(texts(there, model)).isEqualTo(expected);
            assertThat(warnings).hasSize(2);
            assertThat(warnings.get(1)).contains("has said nothing for 5 s");
            fill(backend, () -> assertThat(texts(there, model)).isEqualTo(expected));
            assertThat(backend.pids()).doesNotContain(killed, hanging);

            List<Long> last = backend.pids();
            backend.close();
            for (long pid : last) {
                ProcessHandle.of(pid).ifPresent(ended -> ended.onExit().join());
            }
            assertThat(backend.pids()).isEmpty();
        }
    }

    @Test
    void aWorkerThatComputesOtherBytesIsRefusedInALine() {
        Canary here = new Canary("a".repeat(64), "oneDNN, AVX-512");
        Canary there = new Canary("b".repeat(64), "OpenBLAS, AVX2");

        assertThat(here.refusal("worker 10.0.0.7", there))
                .startsWith("cluster: worker 10.0.0.7 computes other bytes (OpenBLAS, AVX2) than the driver (oneDNN,"
                        + " AVX-512)")
                .doesNotContain("\n");
        assertThat(Canary.compute()).isEqualTo(Canary.compute());
    }

    @Test
    void aMasterThatNothingKnowsIsALine() {
        assertThatThrownBy(() -> {
                    try (Backend backend = LocalBackends.open(settings("spark://127.0.0.1:7077", 5))) {
                        throw new AssertionError(backend.description());
                    }
                })
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("cluster: spark://127.0.0.1:7077 needs the module spark");
    }
}
