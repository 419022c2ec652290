package io.github.rlhf4j.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterKeysTest {
    @TempDir
    private Path folder;

    private final Problems problems = new Problems();

    private Optional<ClusterConfig> read(String cluster, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), cluster + "\nstages: {sft: {type: sft}}\n");
        return ClusterKeys.read(RunFile.read(file, List.of(arguments)), problems);
    }

    @Test
    void aMasterAloneHasTheDefaults() throws IOException {
        ClusterConfig expected = new ClusterConfig("processes:2", 1, 0, 60, 120, Map.of());

        assertThat(read("cluster: processes:2")).contains(expected);
        assertThat(read("cluster: {master: \"processes:2\"}")).contains(expected);
        assertThat(read("", "cluster.master=processes:2")).contains(expected);
        assertThat(read("cluster: threads:1", "cluster.master=processes:2")).contains(expected);
        assertThat(read("cluster:")).isEmpty();
        assertThat(read("")).isEmpty();
        assertThat(problems.lines()).isEmpty();
    }

    @Test
    void everyKeyCanBeSet() throws IOException {
        assertThat(read(
                        "cluster: {master: \"spark://h:7077\", threads: 2, pieces: 9, worker_timeout: 30, start_timeout: 10,"
                                + " conf: {spark.speculation: true}}",
                        "cluster.threads=3"))
                .contains(new ClusterConfig("spark://h:7077", 3, 9, 30, 10, Map.of("spark.speculation", "true")));
        assertThat(problems.lines()).isEmpty();
    }

    @Test
    void mastersThatSparkDoesNotKnowAreMistakes() throws IOException {
        List<String> wrong = List.of(
                "local[**]",
                "local[0]",
                "local[]",
                "local-cluster[2]",
                "local-cluster[2,1]",
                "spark://h",
                "spark://h:x");
        for (String master : wrong) {
            read("cluster: \"" + master + "\"");
        }
        assertThat(problems.lines()).hasSize(wrong.size());
        for (String master : List.of(
                "local",
                "local[*]",
                "local[2]",
                "local[2,3]",
                "local-cluster[2, 1, 1024]",
                "spark://a:1,b:2",
                "yarn")) {
            assertThat(read("cluster: \"" + master + "\"")).isPresent();
        }
        assertThat(problems.lines()).hasSize(wrong.size());
    }

    @Test
    void settingsThatAreNotSparksAreMistakes() throws IOException {
        read("cluster: {master: \"local[2]\", conf: {executor.memory: 3g}}");
        read("cluster: {master: \"local[2]\", conf: {spark.master: \"local[1]\"}}");
        assertThat(problems.lines()).hasSize(2);
        assertThat(problems.lines().get(0)).contains("but has executor.memory");
        assertThat(problems.lines().get(1)).contains("the master is cluster.master");
    }

    @Test
    void mistakesNameTheirKey() throws IOException {
        read("cluster: proceses:2");
        read("cluster: {threads: 2}");
        read("cluster: {master: \"threads:2\", threads: 0}");
        read("cluster: {master: \"threads:2\", conf: {a: b}}");
        read("cluster: {master: \"threads:2\", thread: 1}");
        read("cluster: [threads:2]");

        assertThat(problems.lines()).hasSize(6);
        assertThat(problems.lines().get(0)).startsWith("cluster.master must be threads:N, processes:N, or a master of");
        assertThat(problems.lines().get(1)).startsWith("cluster.master is missing");
        assertThat(problems.lines().get(2)).startsWith("cluster.threads must be in 1..1024, but is 0");
        assertThat(problems.lines().get(3)).startsWith("cluster.conf must be left out");
        assertThat(problems.lines().get(4)).contains("thread").contains("threads");
        assertThat(problems.lines().get(5)).startsWith("cluster must be a master, such as processes:2");
    }
}
