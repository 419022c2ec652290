package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.InProcess;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Faults of the disk at chosen changes of one run, each followed by a resumption. The process must have the {@code DiskProvider}. */
final class DiskAttack {
    private static final long NO_PROCESS = 999_999_999_999L; // above any process's id
    private static final int ROUNDS = 4;

    private final ToyRun run;
    private final Random random;
    private final Map<String, String> expected;
    private final List<String> changes;

    /** Runs it once, unharmed. */
    DiskAttack(ToyRun run, long seed) throws IOException {
        this.run = run;
        this.random = new Random(seed);
        run.clear();
        Disk.OF_THIS_PROCESS.watch(run.runs(), DiskFault.NONE);
        InProcess.Result done = run.run();
        changes = Disk.OF_THIS_PROCESS.changes();
        Disk.OF_THIS_PROCESS.release();
        if (done.code() != 0) {
            throw new IllegalStateException(done.said());
        }
        expected = run.results();
    }

    /** Results of the unharmed run. */
    Map<String, String> expected() {
        return expected;
    }

    /** What the unharmed run changed on the disk. */
    List<String> changes() {
        return changes;
    }

    /** Some of the {@link #places}, one of each part of the run; all of them where {@code count} is 0. */
    List<Integer> points(int count) {
        List<Integer> all = places();
        List<Integer> points = new ArrayList<>();
        int parts = count == 0 ? all.size() : Math.min(count, all.size());
        for (int i = 0; i < parts; i++) {
            int from = (int) ((long) i * all.size() / parts);
            int to = (int) ((i + 1L) * all.size() / parts);
            points.add(all.get(from + random.nextInt(to - from)));
        }
        return points;
    }

    /** Every change; of the many writes to one file in a row, the first and one of the others. */
    List<Integer> places() {
        List<Integer> places = new ArrayList<>();
        int first = 0;
        for (int i = 0; i < changes.size(); i++) {
            if (!changes.get(i).equals(changes.get(first))) {
                first = i;
            }
            boolean isLast = i + 1 == changes.size() || !changes.get(i + 1).equals(changes.get(first));
            if (isLast) {
                places.add(first + 1);
                if (i > first) {
                    places.add(first + 2 + random.nextInt(i - first));
                }
            }
        }
        return places;
    }

    /** The process dies, and the run is resumed; each time with the bytes of the unharmed run. */
    Tally deaths(String name, DiskFault.Kind kind, List<Integer> points) throws IOException {
        Tally tally = new Tally(name);
        for (int point : points) {
            run.clear();
            String where = where(point);
            dies(new DiskFault(
                    kind, point)); // or has come to its end before: how often a report is written depends on time
            requireSame(tally, where, run.run("--resume"));
        }
        return tally;
    }

    /** Several deaths in a row, each in what the one before has left. */
    Tally deathsInARow(String name, List<Integer> points) throws IOException {
        Tally tally = new Tally(name);
        for (int point : points) {
            run.clear();
            StringBuilder where = new StringBuilder(where(point));
            boolean dead = dies(new DiskFault(DiskFault.Kind.KILL, point));
            for (int i = 1; i < ROUNDS && dead; i++) {
                DiskFault.Kind[] kinds = {
                    DiskFault.Kind.KILL, DiskFault.Kind.TORN, DiskFault.Kind.POWER, DiskFault.Kind.POWER_EMPTY
                };
                DiskFault next =
                        new DiskFault(kinds[random.nextInt(kinds.length)], 1 + random.nextInt(changes.size() / 2));
                where.append(", then ").append(next);
                dead = dies(next, "--resume");
            }
            requireSame(tally, where.toString(), run.run("--resume"));
        }
        return tally;
    }

    /** A complete run is replaced with another setting, the process dies, and it is tried again as its message says. */
    Tally replacements(String name, List<String> option, int count) throws IOException {
        Tally tally = new Tally(name);
        String stage = option.contains("sft") ? "sft" : "dpo";
        ToyRun other = run.with(stage + ".learning_rate=2e-3");
        run.clear();
        if (option.contains("--only")) { // what comes after it stays
            run.run();
            other.run(option.toArray(String[]::new));
        } else {
            other.run();
        }
        Map<String, String> wanted = run.results();
        run.clear();
        run.run();
        Path whole = run.folder().resolve("whole");
        Copies.copy(run.runs(), whole);
        Disk.OF_THIS_PROCESS.watch(run.runs(), DiskFault.NONE);
        other.run(option.toArray(String[]::new));
        int all = Disk.OF_THIS_PROCESS.changes().size();
        Disk.OF_THIS_PROCESS.release();
        for (int i = 0; i < (count == 0 ? all : Math.min(count, all)); i++) {
            int point = count == 0 ? i + 1 : 1 + random.nextInt(all);
            Copies.copy(whole, run.runs());
            DiskFault.Kind kind = i % 2 == 0 ? DiskFault.Kind.KILL : DiskFault.Kind.POWER;
            other.dies(new DiskFault(kind, point), option.toArray(String[]::new));
            nameTemporaries();
            List<String> resumed = new ArrayList<>(option);
            resumed.remove("--overwrite");
            resumed.add("--resume");
            InProcess.Result again = other.run(resumed.toArray(String[]::new));
            if (again.code() == 2 && again.lastLine().contains("--from")) { // it was not begun
                again = other.run(option.toArray(String[]::new));
            }
            compare(tally, String.join(" ", option) + " " + kind + " at " + point, again, wanted);
        }
        AtomicFiles.delete(whole);
        return tally;
    }

    /** The disk refuses; the message is one line, nothing is torn, and the run is resumed. */
    Tally refusals(String name, DiskFault.Kind kind, List<Integer> points) throws IOException {
        Tally tally = new Tally(name);
        for (int point : points) {
            run.clear();
            Disk.OF_THIS_PROCESS.watch(run.runs(), new DiskFault(kind, point));
            InProcess.Result done = run.run();
            Disk.OF_THIS_PROCESS.release();
            String where = where(point);
            if (done.code() != 0 && !Messages.isOneLine(done)) {
                tally.wrong(where + ": exit " + done.code() + ": " + done.lastLine());
            } else if (done.code() == 0) {
                compare(tally, where, done, expected);
            } else {
                requireSame(tally, where, run.run("--resume"));
            }
        }
        return tally;
    }

    private String where(int point) {
        return "at " + point + " of " + changes.size() + " (" + changes.get(point - 1) + ")";
    }

    private boolean dies(DiskFault fault, String... more) throws IOException {
        boolean dead = run.dies(fault, more);
        nameTemporaries();
        return dead;
    }

    /** The process that has died in this test is still this one: its temporaries get the name of one that is no more. */
    private void nameTemporaries() throws IOException {
        String own = ".tmp-" + ProcessHandle.current().pid();
        if (!Files.isDirectory(run.runs())) {
            return;
        }
        List<Path> found;
        try (Stream<Path> paths = Files.walk(run.runs())) {
            found = paths.filter(path -> String.valueOf(path.getFileName()).contains(own))
                    .sorted(java.util.Comparator.reverseOrder())
                    .toList();
        }
        for (Path path : found) {
            Files.move(path, path.resolveSibling(path.getFileName().toString().replace(own, ".tmp-" + NO_PROCESS)));
        }
    }

    private void requireSame(Tally tally, String where, InProcess.Result done) throws IOException {
        compare(tally, where, done, expected);
    }

    private void compare(Tally tally, String where, InProcess.Result done, Map<String, String> wanted)
            throws IOException {
        String differs = Copies.difference(wanted, run.results());
        List<String> left = run.leftovers();
        if (done.code() != 0) {
            tally.wrong(where + ": exit " + done.code() + ": " + done.lastLine());
        } else if (!differs.isEmpty()) {
            tally.wrong(where + ": differs: " + differs);
        } else if (!left.isEmpty()) {
            tally.wrong(where + ": left over: " + left);
        } else {
            tally.right("identical");
        }
    }
}
