package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.InProcess;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.testing.disk.CrashStates;
import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
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
        requireDone(done);
        expected = run.results();
    }

    /** What is held against a run that failed by itself holds nothing. */
    private static void requireDone(InProcess.Result done) {
        if (done.code() != 0) {
            throw new IllegalStateException(done.said());
        }
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
        return points(count, places());
    }

    private List<Integer> points(int count, List<Integer> all) {
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
        return places(changes);
    }

    private List<Integer> places(List<String> changes) {
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

    /** The process dies at each of the points in each way, and what that leaves is resumed, once where many leave the same; each time with the bytes of the unharmed run. */
    List<Tally> deaths(Map<DiskFault.Kind, String> names, List<Integer> points) throws IOException {
        run.clear();
        CrashStates states = record(run, points, names.keySet());
        Map<DiskFault.Kind, Tally> tallies = new EnumMap<>(DiskFault.Kind.class);
        names.forEach((kind, name) -> tallies.put(kind, new Tally(name)));
        for (CrashStates.Crash crash : states.all()) {
            crash.restore();
            nameTemporaries();
            DiskFault first = crash.faults().get(0);
            String wrong = wrong(run.run("--resume"), expected);
            crash.faults()
                    .forEach(fault -> Objects.requireNonNull(tallies.get(fault.kind()))
                            .add("identical", wrong.isEmpty() ? "" : where(fault) + ": " + wrong, fault.equals(first)));
        }
        AtomicFiles.delete(store());
        for (Tally tally : tallies.values()) { // how often a report is written depends on time
            for (int over = tally.count(); over < points.size(); over++) {
                tally.right("over before its place");
            }
        }
        return List.copyOf(tallies.values());
    }

    private CrashStates record(ToyRun recorded, List<Integer> points, Set<DiskFault.Kind> kinds, String... more)
            throws IOException {
        CrashStates states = Disk.OF_THIS_PROCESS.record(run.runs(), store(), Set.copyOf(points)::contains, kinds);
        try {
            requireDone(recorded.run(more));
        } finally {
            Disk.OF_THIS_PROCESS.release();
        }
        return states;
    }

    private Path store() {
        return run.folder().resolve("contents");
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
            requireDone(run.run());
            requireDone(other.run(option.toArray(String[]::new)));
        } else {
            requireDone(other.run());
        }
        Map<String, String> wanted = run.results();
        run.clear();
        requireDone(run.run());
        Path whole = run.folder().resolve("whole");
        Copies.copy(run.runs(), whole);
        Disk.OF_THIS_PROCESS.watch(run.runs(), DiskFault.NONE);
        requireDone(other.run(option.toArray(String[]::new)));
        List<Integer> points = points(count, places(Disk.OF_THIS_PROCESS.changes()));
        Disk.OF_THIS_PROCESS.release();
        Copies.copy(whole, run.runs());
        List<String> resumed = new ArrayList<>(option);
        resumed.remove("--overwrite");
        resumed.add("--resume");
        CrashStates states =
                record(other, points, Set.of(DiskFault.Kind.KILL, DiskFault.Kind.POWER), option.toArray(String[]::new));
        for (CrashStates.Crash crash : states.all()) {
            crash.restore();
            nameTemporaries();
            InProcess.Result again = other.run(resumed.toArray(String[]::new));
            if (again.code() == 2 && again.lastLine().contains("--from")) { // it was not begun
                again = other.run(option.toArray(String[]::new));
            }
            String wrong = wrong(again, wanted);
            DiskFault first = crash.faults().get(0);
            crash.faults()
                    .forEach(fault -> tally.add(
                            "identical",
                            wrong.isEmpty() ? "" : String.join(" ", option) + " " + fault + ": " + wrong,
                            fault.equals(first)));
        }
        AtomicFiles.delete(store());
        AtomicFiles.delete(whole);
        return tally;
    }

    /** All places where a fault does something of its own: half a write needs a write, a full disk refuses what needs space. */
    List<Integer> refused(DiskFault.Kind kind) {
        return places().stream()
                .filter(point -> kind.concerns(changes.get(point - 1)))
                .toList();
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

    private String where(DiskFault fault) {
        return fault.kind() + " " + where((int) fault.at());
    }

    private String where(int point) {
        if (point > changes.size()) { // how often a report is written depends on time
            return "at " + point + " of " + changes.size();
        }
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
                    .sorted(Comparator.reverseOrder())
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
        String wrong = wrong(done, wanted);
        tally.add("identical", wrong.isEmpty() ? "" : where + ": " + wrong, true);
    }

    /** Why a resumed run is not as it should be; empty where it is. */
    private String wrong(InProcess.Result done, Map<String, String> wanted) throws IOException {
        if (done.code() != 0) {
            return "exit " + done.code() + ": " + done.lastLine();
        }
        String differs = Copies.difference(wanted, run.results());
        List<String> left = run.leftovers();
        if (!differs.isEmpty()) {
            return "differs: " + differs;
        }
        return left.isEmpty() ? "" : "left over: " + left;
    }
}
