package io.github.rlhf4j.cli.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Processes of the program, killed by SIGKILL at random moments and resumed with another number of threads, until the run is complete; again and again. */
final class KillAttack {
    private static final long POLL_MILLIS = 5;
    private static final double AT_START = 0.15; // of the kills

    private final ToyRun run;
    private final Map<String, String> expected;
    private final Random random;

    KillAttack(ToyRun run, Map<String, String> expected, long seed) {
        this.run = run;
        this.expected = expected;
        this.random = new Random(seed);
    }

    /** At least {@code count} kills, or those of {@code minutes}. A run that is complete and the same counts for all kills that it had. */
    Tally kills(int count, long minutes) throws IOException, InterruptedException {
        Tally tally =
                new Tally("SIGKILL of a process of 17 stages of all types, at random, resumed with 1, 2 or 3 threads");
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
        while (tally.count() < count && System.nanoTime() < end) {
            run.clear();
            int kills = 0;
            int code = life(end);
            while (code != 0 && System.nanoTime() < end + TimeUnit.MINUTES.toNanos(2)) {
                if (code != 137) {
                    tally.wrong("exit " + code + " after " + kills + " kills, see " + log());
                    return tally;
                }
                kills++;
                code = life(end);
            }
            String differs = code == 0 ? Copies.difference(expected, run.results()) : "not complete";
            for (int i = 0; i < kills; i++) {
                if (differs.isEmpty() && run.leftovers().isEmpty()) {
                    tally.right("identical");
                } else {
                    tally.wrong("after " + kills + " kills: " + differs + " " + run.leftovers());
                }
            }
            System.err.println(tally.row());
        }
        return tally;
    }

    private Path log() {
        return run.folder().resolve("killed.log");
    }

    private int life(long end) throws IOException, InterruptedException {
        List<String> command = JavaCommand.of(
                "io.github.rlhf4j.cli.Main",
                "-Drlhf4j.cache=" + System.getProperty("rlhf4j.cache", run.folder() + "/native"));
        command.addAll(run.arguments("--resume"));
        command.set(command.indexOf("--threads") + 1, String.valueOf(1 + random.nextInt(3)));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile())
                .start();
        boolean isAtStart = random.nextDouble() < AT_START;
        long lines = lines() + 1 + random.nextInt(8);
        long later = random.nextInt(isAtStart ? 1500 : 60);
        while (process.isAlive() && System.nanoTime() < end && !isAtStart && lines() < lines) {
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (System.nanoTime() >= end) {
            return process.waitFor(); // the last life may end
        }
        process.waitFor(later, TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        return process.waitFor();
    }

    private long lines() throws IOException {
        if (!Files.isDirectory(run.directory())) {
            return 0;
        }
        long lines = 0;
        try (Stream<Path> stages = Files.list(run.directory())) {
            for (Path stage : stages.toList()) {
                Path metrics = stage.resolve("metrics.jsonl");
                if (Files.isRegularFile(metrics)) {
                    lines += Files.readString(metrics).lines().count();
                }
            }
        }
        return lines;
    }
}
