package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Signals to a process of its own. */
@EnabledOnOs({OS.LINUX, OS.MAC})
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StopSignalsTest {
    @TempDir
    Path folder;

    @Test
    void theFirstSignalLeavesACheckpointThatTheSameBytesFollow() throws IOException, InterruptedException {
        writeRunFile("slow", 80);
        Process process = start("run");
        waitForLines(process, "run", 3);
        process.destroy(); // SIGTERM
        assertThat(process.waitFor()).as(messages("run")).isEqualTo(143);

        assertThat(messages("run"))
                .containsPattern(
                        "rlhf4j: step \\d+ is finished and a checkpoint written first; once more stops at once")
                .containsPattern("rlhf4j: stopped after step \\d+ of 80 of stage a, with a checkpoint; continue with"
                        + " --resume");
        assertThat(stage("run").resolve("checkpoints")).isDirectoryContaining("glob:**/stop-*");
        assertThat(runHere("run", "--resume")).isZero();
        assertThat(runHere("unbroken")).isZero();
        assertThat(stage("run").resolve("metrics.jsonl"))
                .hasSameBinaryContentAs(stage("unbroken").resolve("metrics.jsonl"));
        assertThat(stage("run").resolve("checkpoints")).doesNotExist();
    }

    @Test
    void theSecondSignalStopsAtOnce() throws IOException, InterruptedException {
        writeRunFile("stuck", 4); // step 3 takes a minute
        Process process = start("run");
        waitForLines(process, "run", 2);
        process.destroy();
        while (!messages("run").contains("once more stops at once")) {
            Thread.sleep(20);
        }
        long before = System.nanoTime();
        new ProcessBuilder("kill", "-TERM", String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertThat(process.waitFor()).isEqualTo(143);
        assertThat((System.nanoTime() - before) / 1e9).isLessThan(30);
        assertThat(messages("run")).contains("rlhf4j: stopped; continue with --resume");
    }

    private void writeRunFile(String trouble, int steps) throws IOException {
        Files.writeString(
                folder.resolve("run.yaml"),
                "stages: {a: {type: toy, trouble: %s, steps: %d}}".formatted(trouble, steps));
    }

    private List<String> arguments(String name, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("run", folder.resolve("run.yaml").toString(), "name=" + name, "output_dir=" + folder));
        arguments.addAll(List.of(more));
        return arguments;
    }

    private Process start(String name) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@"
                        + Path.of("../core-model/src/main/resources/io/github/rlhf4j/core/kernels/jvm.options")
                                .toAbsolutePath()
                                .normalize(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments(name));
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
    }

    private int runHere(String name, String... more) {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return Main.run(arguments(name, more).toArray(String[]::new), nowhere, nowhere);
    }

    private static void requireAlive(Process process, String messages) {
        assertThat(process.isAlive()).as(messages).isTrue();
    }

    private void waitForLines(Process process, String name, int lines) throws IOException, InterruptedException {
        Path metrics = stage(name).resolve("metrics.jsonl");
        while (!Files.exists(metrics) || Files.readAllLines(metrics).size() < lines) {
            requireAlive(process, messages(name));
            Thread.sleep(20);
        }
    }

    private Path stage(String name) {
        return folder.resolve(name).resolve("a");
    }

    private String messages(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".err"));
    }
}
