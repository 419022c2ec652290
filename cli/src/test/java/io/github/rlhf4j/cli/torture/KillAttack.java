package io.github.rlhf4j.cli.torture;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Processes of the program, killed by SIGKILL at random moments and resumed with another number of threads, until the run is complete; again and again. */
final class KillAttack {
    private static final long POLL_MILLIS = 20;
    private static final long PATIENCE_SECONDS = 60; // a worker ends when its task does
    private static final double AT_START = 0.1; // of the kills
    private static final double SLOW = 0.3; // of the processes

    private final ToyRun run;
    private final Map<String, String> expected;
    private final Random random;
    private int runs; // that were cut off, of several in a process

    KillAttack(ToyRun run, Map<String, String> expected, long seed) {
        this.run = run;
        this.expected = expected;
        this.random = new Random(seed);
    }

    /**
     * At least {@code count} kills, or those of {@code minutes}. A run that is complete and the same counts for all kills that it had.
     *
     * @param name the attack's
     * @param lines of metrics that a process may write at most before it is killed
     */
    Tally kills(String name, int lines, int count, long minutes) throws IOException, InterruptedException {
        Tally tally = new Tally(name);
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
        while (tally.count() < count && System.nanoTime() < end) {
            run.clear();
            int kills = 0;
            int inMidWrite = 0;
            int cut = 0;
            int code = life(end, lines);
            while (code != 0 && System.nanoTime() < end + TimeUnit.MINUTES.toNanos(2)) {
                if (code != 137) {
                    tally.wrong("exit " + code + " after " + kills + " kills: " + new Life(run).lastLine());
                    return tally;
                }
                kills++;
                cut += run.cut();
                inMidWrite += new Life(run).isInMidWrite() ? 1 : 0;
                code = life(end, lines);
            }
            String differs = code == 0 ? Copies.difference(expected, run.results()) : "not complete";
            runs += cut;
            for (int i = 0; i < kills; i++) {
                if (differs.isEmpty() && run.leftovers().isEmpty()) {
                    tally.right(i < inMidWrite ? "identical after a kill in mid-write" : "identical");
                } else {
                    tally.wrong("after " + kills + " kills: " + differs + " " + run.leftovers());
                }
            }
            System.err.println(tally.row());
        }
        if (runs > tally.count()) {
            tally.note(runs + " unfinished runs cut off");
        }
        return tally;
    }

    private int life(long end, int most) throws IOException, InterruptedException {
        boolean isSlow = random.nextDouble() < SLOW;
        Life life = new Life(run.withThreads(1 + random.nextInt(3)));
        Process process = life.start(isSlow, "--resume");
        boolean isAtStart = random.nextDouble() < AT_START;
        long lines = life.lines() + 1 + random.nextInt(most);
        long later = random.nextInt(isAtStart || isSlow ? 1500 : 60);
        while (process.isAlive() && System.nanoTime() < end && !isAtStart && life.lines() < lines) {
            process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (System.nanoTime() >= end) {
            return process.waitFor(); // the last life may end
        }
        process.waitFor(later, TimeUnit.MILLISECONDS);
        List<ProcessHandle> workers = process.descendants().toList();
        if (!workers.isEmpty() && random.nextBoolean()) {
            workers.get(random.nextInt(workers.size())).destroyForcibly(); // the run goes on with another
            process.waitFor(later, TimeUnit.MILLISECONDS);
            workers = process.descendants().toList();
        }
        process.destroyForcibly();
        int code = process.waitFor();
        for (ProcessHandle worker : workers) {
            try {
                worker.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                worker.destroyForcibly();
                throw new IllegalStateException("worker " + worker.pid() + " has outlived the run that started it", e);
            }
        }
        return code;
    }
}
