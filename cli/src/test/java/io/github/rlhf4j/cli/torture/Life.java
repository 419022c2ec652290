package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Processes of a run, of which each writes what it says to killed.log beside the run's folder. */
final class Life {
    private final ToyRun run;

    Life(ToyRun run) {
        this.run = run;
    }

    /** Starts one. */
    Process start(boolean isSlow, String... more) throws IOException {
        return start(isSlow ? 5 : 0, more);
    }

    /** Starts one on a disk whose changes take so much longer. */
    Process start(int slowMillis, String... more) throws IOException {
        String cache = "-Drlhf4j.cache=" + System.getProperty("rlhf4j.cache", run.folder() + "/native");
        List<String> command;
        if (slowMillis > 0) {
            command = JavaCommand.of(
                    SlowDisk.class.getName(),
                    cache,
                    "-D" + Disk.SLOW_MILLIS + "=" + slowMillis,
                    "-Djava.nio.file.spi.DefaultFileSystemProvider=" + DiskProvider.class.getName());
            command.add(run.runs().toString());
        } else {
            command = JavaCommand.of("io.github.rlhf4j.cli.Main", cache);
        }
        command.addAll(run.arguments(more));
        return start(command);
    }

    /** Starts a command that has the program in it. */
    Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
    }

    Path log() {
        return run.folder().resolve("killed.log");
    }

    /** The last line that a process has said. */
    String lastLine() throws IOException {
        List<String> lines = Files.readString(log()).strip().lines().toList();
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }

    /** How many lines of metrics there are, a measure of how far the run has come. */
    long lines() throws IOException {
        long lines = 0;
        for (Path metrics : named("metrics.jsonl")) {
            try {
                lines += Files.readString(metrics).lines().count();
            } catch (IOException e) {
                // it was moved meanwhile
            }
        }
        return lines;
    }

    /** Whether something half-written is there. */
    boolean isInMidWrite() throws IOException {
        return !named(".tmp-").isEmpty();
    }

    private List<Path> named(String part) throws IOException {
        if (!Files.isDirectory(run.runs())) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(run.runs())) {
            return paths.filter(path -> String.valueOf(path.getFileName()).contains(part))
                    .toList();
        } catch (UncheckedIOException e) {
            return List.of(); // something was removed meanwhile
        }
    }
}
