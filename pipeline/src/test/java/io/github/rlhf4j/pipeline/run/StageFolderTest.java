package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageFolderTest {
    @TempDir
    private Path folder;

    @Test
    void whatReplicasAndShardsWriteIsTheStagesOwnAndNothingElseBesideIt() throws IOException {
        Path replicas = folder.resolve("sft/checkpoints/replicas");
        Files.createDirectories(replicas.resolve("round-4")); // killed before there was anything in it
        for (String own : List.of(
                "round-3/rows",
                "round-3/rows.tmp-17",
                "round-3/replica-1.safetensors",
                "round-3/replica-2.difference",
                "round-3/replica-10.result",
                "shards/shards-1-2.gradient")) {
            write(replicas.resolve(own));
        }
        StageFolder stage = new StageFolder(folder.resolve("sft"));
        assertThat(stage.foreign()).isEmpty();

        write(replicas.resolve("round-3/notes.txt"));
        write(replicas.resolve("mine/rows"));
        assertThat(stage.foreign())
                .containsExactlyInAnyOrder(
                        "sft/checkpoints/replicas/round-3/notes.txt", "sft/checkpoints/replicas/mine/rows");
    }

    private static void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
    }
}
