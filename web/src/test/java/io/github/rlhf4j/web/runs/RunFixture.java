package io.github.rlhf4j.web.runs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Folders that look like runs', for tests of pages. */
public final class RunFixture {
    private final Path folder;

    /** A run's folder with its mark. */
    public RunFixture(Path folder) {
        this.folder = folder;
        write(folder.resolve(".rlhf4j"), "The folder of a run of RLHF4J.\n");
    }

    /** Begins a stage. */
    public RunFixture stage(String name, String type, String... config) {
        write(
                folder.resolve(name).resolve("config.yaml"),
                "# Effective configuration; behind each value where it came from.\ntype: " + type + "  # run.yaml:3\n"
                        + String.join("\n", config) + "\n");
        return this;
    }

    /** Appends lines to a file of a stage. */
    public RunFixture lines(String stage, String file, String... lines) {
        write(folder.resolve(stage).resolve(file), String.join("\n", lines) + "\n");
        return this;
    }

    /** Appends to a file of the run. */
    public RunFixture file(String name, String text) {
        write(folder.resolve(name), text);
        return this;
    }

    /** .process of this process, which is alive, or of one that has never been. */
    public RunFixture process(String state, String stage, long step, long steps, boolean alive) {
        long pid = alive ? ProcessHandle.current().pid() : Integer.MAX_VALUE - 1L;
        long started =
                ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        try {
            Files.deleteIfExists(folder.resolve(".process"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file(
                ".process",
                ("{\"pid\":%d,\"started\":%d,\"begun\":%d,\"state\":\"%s\",\"stages\":[\"sft\",\"ppo\"],\"stage\":\"%s\",\"type\":\"sft\",\"step\":%d,\"steps\":%d,\"message\":\"\"}")
                        .formatted(pid, started, started, state, stage, step, steps));
    }

    /** Its folder. */
    public Path folder() {
        return folder;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
