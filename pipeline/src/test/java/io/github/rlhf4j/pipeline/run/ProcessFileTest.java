package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessFileTest {
    @TempDir
    private Path folder;

    @Test
    void workThatBeginsTakesAwayWhatADeadProcessLeft() throws IOException {
        for (String name : List.of(".process.tmp-4711", ".stop", ".checkpoint", ".process", "summary.json.tmp-4711")) {
            Files.createFile(folder.resolve(name));
        }

        new ProcessFile(folder, List.of()).clear();

        assertThat(folder.toFile().list()).containsExactlyInAnyOrder(".process", "summary.json.tmp-4711");
    }

    @Test
    void leavesNothingWhereItCannotBePutInPlace() throws IOException {
        Files.createDirectories(folder.resolve(".process/kept"));

        new ProcessFile(folder, List.of()).write(RunProcess.State.DONE, "sft", "sft", 1, 1, "");

        assertThat(folder.toFile().list()).containsExactly(".process");
    }

    @Test
    void aFolderThatIsGoneEndsNothing() {
        new ProcessFile(folder.resolve("gone"), List.of()).clear();
    }
}
