package io.github.rlhf4j.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.testing.disk.DiskProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fixed small part of what {@code tools/torture} does, in processes whose disk fails. */
@DisabledOnOs(OS.WINDOWS) // inodes, and fsync of folders
class TortureTest {
    @TempDir
    private Path folder;

    private int code; // that the program ended with

    @ParameterizedTest
    @ValueSource(strings = {"points=2 damage=-1", "points=-1 damage=2"})
    void whateverHappensToARunItsResumptionEndsWithTheSameBytes(String attacks)
            throws IOException, InterruptedException {
        String said = torture(attacks.split(" "));

        assertThat(code).as(said).isZero();
        assertThat(said).contains("| attack | count | result |").doesNotContain("wrong**");
        assertThat(said.lines().filter(line -> line.matches("\\| .* \\| [0-9]+ \\| .*")))
                .isNotEmpty()
                .allMatch(row -> row.matches(".* \\| [24] \\| .*")); // each attack was made, in one way or two
    }

    @Test
    void anUnknownOptionIsNamed() throws IOException, InterruptedException {
        assertThat(torture("pionts=3")).startsWith("torture: pionts=3 is none of");
        assertThat(code).isEqualTo(2);
    }

    private String torture(String... options) throws IOException, InterruptedException {
        Path said = folder.resolve("said.txt");
        List<String> command = JavaCommand.of(
                Torture.class.getName(),
                "-Djava.io.tmpdir=" + folder,
                "-Drlhf4j.cache=" + System.getProperty("rlhf4j.cache", folder.toString()),
                "-Djava.nio.file.spi.DefaultFileSystemProvider=" + DiskProvider.class.getName());
        command.add("folder=" + folder.resolve("runs"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        code = process.waitFor();
        String text = Files.readString(said);
        return text.lines().filter(line -> !line.startsWith("WARN")).collect(Collectors.joining("\n"));
    }
}
