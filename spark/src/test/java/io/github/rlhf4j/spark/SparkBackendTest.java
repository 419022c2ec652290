package io.github.rlhf4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Backend;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.ClusterSettings;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.LocalBackends;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.filter.ContentConfig;
import io.github.rlhf4j.filter.DuplicatesConfig;
import io.github.rlhf4j.filter.FilterConfig;
import io.github.rlhf4j.filter.FilterModule;
import io.github.rlhf4j.filter.FilterStage;
import io.github.rlhf4j.filter.MinHashConfig;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spark in this process. Executors in processes of their own, and what kills them, are in tools/acceptance/cluster.sh. */
class SparkBackendTest {
    private static ClusterSettings settings(String master, int startSeconds) {
        Map<String, String> conf = Map.of("spark.ui.enabled", "false", "spark.speculation", "true");
        return new ClusterSettings(master, 1, 2, 60, startSeconds, conf, warning -> {});
    }

    private static String computed(Cluster cluster, Transformer model) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            requests.add(new GenerationRequest(new int[] {1, 5 + i, 3}, 2, CounterRandom.of(i)));
        }
        StringBuilder all = new StringBuilder();
        try (SharedModel shared = cluster.share("policy", model)) {
            List<Long> done = new ArrayList<>();
            for (Generated text : shared.generate(
                    "roll-outs", requests, SamplingOptions.sampling(0.8, 8, new int[] {2}), done::add)) {
                for (int t = 0; t < text.ids().length; t++) {
                    all.append(text.ids()[t]).append(Double.toHexString(text.logProbs()[t]));
                }
            }
            assertThat(done).hasSizeGreaterThan(1); // as pieces are done, not at the end
            assertThat(done.stream().mapToLong(more -> more).sum()).isEqualTo(12);
            List<List<TokenSequence>> groups = requests.stream()
                    .map(request -> List.of(TokenSequence.all(request.promptIds())))
                    .toList();
            shared.score("log-probs", groups, 2, 1, 0)
                    .forEach(group -> all.append(Double.toHexString(group.get(0).sumLogProb())));
        }
        return all.toString();
    }

    @Test
    void sparkGivesTheBitsOfThisProcessBeforeAndAfterWeightsChange() {
        try (CpuKernels kernels = new CpuKernels(1, 2);
                Transformer model = Transformer.create(
                        ModelConfig.llama(40, 16, 32, 2, 2, 1, 64, true),
                        Set.of(Head.LANGUAGE),
                        kernels,
                        CounterRandom.of(3));
                Cluster here = new InProcessCluster(kernels);
                Backend backend = LocalBackends.open(settings("local[2]", 60));
                Cluster spark = new DistributedCluster(kernels, backend, 4, false)) {
            assertThat(backend.workers()).isEqualTo(2);
            String first = computed(here, model);
            assertThat(computed(spark, model)).isEqualTo(first);

            model.embedding().set(5, 3, 1.25);
            assertThat(computed(spark, model)).isNotEqualTo(first).isEqualTo(computed(here, model));
        }
    }

    @Test
    void aFilterOnSparkWritesTheBytesOfThisProcess(@TempDir Path folder) {
        StageHarness harness = new StageHarness(folder, new FilterModule());
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            rows.append("{\"text\": \"The house by the river was built in the year ")
                    .append(i % 7 == 0 ? 1_900 : 1_900 + i)
                    .append(
                            i % 5 == 0
                                    ? " with dogs."
                                    : ", and all of the people of the town were there with their friends to see it.")
                    .append("\"}\n");
        }
        FilterConfig config = FilterConfig.builder(DatasetSpec.of(
                        harness.write("rows.jsonl", rows.toString()).toString()))
                .content(new ContentConfig(
                        List.of("en"),
                        OptionalDouble.empty(),
                        List.of("dogs"),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalInt.empty(),
                        Optional.empty()))
                .duplicates(new DuplicatesConfig(true, Optional.of(MinHashConfig.DEFAULT)))
                .build();
        StageOutput here = harness.run("here", FilterStage.class, config);
        try (Backend backend = LocalBackends.open(settings("local[2]", 60))) {
            harness.computeOn(kernels -> new DistributedCluster(kernels, backend, 4, false));
            StageOutput there = harness.run("there", FilterStage.class, config);

            for (String file : List.of("data/rows.jsonl", "removed.jsonl", "metrics.jsonl")) {
                assertThat(there.directory().resolve(file))
                        .hasSameBinaryContentAs(here.directory().resolve(file));
            }
        }
    }

    @Test
    void asManyWorkersAsTasksAtATime() {
        Map<String, String> conf = Map.of("spark.ui.enabled", "false", "spark.task.cpus", "2");
        try (Backend backend = LocalBackends.open(new ClusterSettings("local[5]", 1, 2, 60, 60, conf, warning -> {}))) {
            assertThat(backend.workers()).isEqualTo(2);
        }
    }

    @Test
    void nothingListensForOthersUnlessTheRunFileSaysSo() {
        SparkConf own = SparkSettings.of(new ClusterSettings("local[2]", 1, 2, 60, 60, Map.of(), warning -> {}));
        assertThat(own.get("spark.ui.enabled")).isEqualTo("false");
        assertThat(own.get("spark.driver.bindAddress")).isEqualTo("127.0.0.1");
        Map<String, String> asked = Map.of("spark.ui.enabled", "true");
        assertThat(SparkSettings.of(new ClusterSettings("local[2]", 1, 2, 60, 60, asked, warning -> {}))
                        .get("spark.ui.enabled"))
                .isEqualTo("true");
    }

    @Test
    void aMasterThatIsNotThereIsALine() {
        assertThatThrownBy(() -> {
                    try (Backend backend = LocalBackends.open(settings("spark://127.0.0.1:1", 1))) {
                        throw new AssertionError(backend.description());
                    }
                })
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("cluster: no master answers at spark://127.0.0.1:1 within 1 s");
    }
}
