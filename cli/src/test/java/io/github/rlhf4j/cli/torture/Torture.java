package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.DiskFault;
import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The program of {@code tools/torture}, which says what its arguments are: attacks, and a table of how they ended. Exit code 1 when one attack ended wrongly.
 */
public final class Torture {
    private static final List<String> NONE_BY_DEFAULT = List.of(
            "chain",
            "chain_points",
            "chain_damage",
            "experiment",
            "experiment_points",
            "lab",
            "lab_points",
            "replicas",
            "replicas_points",
            "threads",
            "machine",
            "kills",
            "many_kills",
            "experiment_kills",
            "lab_kills",
            "worker_kills",
            "experiment_worker_kills");
    private static final int FILES_A_STOP = 3;
    private static final int RUNS_AT_ONCE = 8;
    private static final int SMALLEST = 2; // what the test takes, for which the last three are too slow

    private Torture() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("folder", "target/torture");
        options.put("seed", "7");
        options.put("out", "");
        options.put("points", "0");
        options.put("damage", "0");
        NONE_BY_DEFAULT.forEach(part -> options.put(part, "-1"));
        options.put("minutes", "60");
        options.put("rows", "");
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts.length != 2 || !options.containsKey(parts[0])) {
                System.err.println("torture: " + argument + " is none of " + options.keySet());
                System.exit(2);
            }
            options.put(parts[0], parts[1]);
        }
        Table table = run(options);
        System.out.print(table.text());
        if (!option(options, "out").isEmpty()) {
            Files.writeString(Path.of(option(options, "out")), table.text());
        }
        System.exit(table.isAllRight() ? 0 : 1);
    }

    private static String option(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name));
    }

    private static Table run(Map<String, String> options) throws IOException, InterruptedException {
        long seed = seed(options);
        int points = number(options, "points");
        Table table = new Table();
        if (points >= 0) {
            DiskAttack attack = new DiskAttack(ToyRun.small(folder(options, "small")), seed);
            small(attack, points, option(options, "rows"), table);
        }
        if (number(options, "damage") >= 0) {
            damage(ToyRun.small(folder(options, "damaged")), seed, number(options, "damage"), table);
        }
        crashes(options, "experiment", ToyRun::experiment, "an experiment of two runs with --jobs 2", table);
        crashes(options, "lab", ToyRun::lab, "a page of the lab", table);
        crashes(options, "replicas", ToyRun::parts, "a run with replicas and shards", table);
        crashes(options, "chain", ToyRun::whole, "a run of all stage types", table);
        if (number(options, "chain_damage") > 0) {
            table.add(damage(ToyRun.whole(folder(options, "chain_damage")), seed, number(options, "chain_damage")));
        }
        if (number(options, "threads") > 0) {
            table.add(threads(ToyRun.whole(folder(options, "threads"))));
        }
        if (number(options, "machine") > 0) {
            ToyRun run = ToyRun.small(folder(options, "machine"));
            new MachineAttack(run, new DiskAttack(run, seed).expected(), seed).all(number(options, "machine"), table);
        }
        kills(options, "kills", ToyRun::whole, 8, "a run of all stage types", table);
        kills(
                options,
                "many_kills",
                folder -> ToyRun.fleet(folder, RUNS_AT_ONCE),
                4,
                "a process with " + RUNS_AT_ONCE + " runs of all stage types at once",
                table);
        kills(options, "experiment_kills", ToyRun::experiment, 4, "an experiment of two runs with --jobs 2", table);
        kills(options, "lab_kills", ToyRun::lab, 4, "a page of the lab", table);
        kills(options, "worker_kills", ToyRun::workers, 2, "a run on two worker processes, or of one of these", table);
        kills(
                options,
                "experiment_worker_kills",
                ToyRun::experimentOnWorkers,
                4,
                "an experiment of two runs on two worker processes, or of one of these",
                table);
        return table;
    }

    /** Makes a run in a folder. */
    private interface Maker {
        ToyRun in(Path folder) throws IOException;
    }

    private static Path folder(Map<String, String> options, String part) {
        return Path.of(option(options, "folder")).toAbsolutePath().resolve(part);
    }

    private static long seed(Map<String, String> options) {
        return Long.parseLong(option(options, "seed"));
    }

    private static int number(Map<String, String> options, String part) {
        return Integer.parseInt(option(options, part));
    }

    /** Several deaths in a row, and deaths at places, each where it is asked for. */
    private static void crashes(Map<String, String> options, String part, Maker maker, String of, Table table)
            throws IOException {
        int inARow = number(options, part);
        int points = number(options, part + "_points");
        if (inARow < 0 && points < 0) {
            return;
        }
        DiskAttack attack = new DiskAttack(maker.in(folder(options, part)), seed(options));
        if (inARow >= 0) {
            table.add(attack.deathsInARow(
                    of + ": up to 4 deaths in a row, killed, torn or without power", attack.points(inARow)));
        }
        if (points >= 0) {
            String places = attack.places().size() + " places where " + of + " changes the disk";
            deaths(attack, places, points).forEach(table::add);
        }
    }

    private static void kills(Map<String, String> options, String part, Maker maker, int lines, String of, Table table)
            throws IOException, InterruptedException {
        int count = number(options, part);
        if (count > 0) {
            ToyRun run = maker.in(folder(options, part));
            run.with().run(); // one after the other, in this process
            table.add(new KillAttack(run, run.results(), seed(options))
                    .kills(
                            "SIGKILL of " + of + ", at random, resumed with 1, 2 or 3 threads",
                            lines,
                            count,
                            number(options, "minutes")));
        }
    }

    private static void damage(ToyRun run, long seed, int count, Table table) throws IOException {
        DiskAttack attack = new DiskAttack(run, seed);
        run.clear();
        run.dies(new DiskFault(Kind.KILL, stop(attack.changes())));
        new DamageAttack(run, attack.expected(), seed).all(count).forEach(table::add);
    }

    /** Three files after each of so many kills. */
    private static Tally damage(ToyRun run, long seed, int stops) throws IOException {
        Tally tally = new Tally("a file of a killed run of all stage types, damaged in any of these ways");
        DiskAttack attack = new DiskAttack(run, seed);
        for (int point : attack.points(stops)) {
            run.clear();
            run.dies(new DiskFault(Kind.KILL, point));
            if (Files.isDirectory(run.directory())) {
                new DamageAttack(run, attack.expected(), seed + point).some(FILES_A_STOP, tally);
            }
        }
        return tally;
    }

    private static Tally threads(ToyRun run) throws IOException {
        Tally tally = new Tally("a run of all stage types with 1, 2 and 3 threads");
        Map<String, String> one = null;
        for (int threads = 1; threads <= 3; threads++) {
            run.clear();
            int code = run.withThreads(threads).run().code();
            Map<String, String> results = run.results();
            String differs = one == null ? "" : Copies.difference(one, results);
            one = one == null ? results : one;
            if (code == 0 && differs.isEmpty()) {
                tally.right("identical");
            } else {
                tally.wrong(threads + " threads: exit " + code + " " + differs);
            }
        }
        return tally;
    }

    /** In the second stage, after its second checkpoint. */
    private static int stop(List<String> changes) {
        for (int i = changes.size(); i > 0; i--) {
            if (changes.get(i - 1).startsWith("MOVE toy/dpo/checkpoints/step-2")) {
                return i + 6;
            }
        }
        throw new IllegalStateException("no checkpoint in " + changes);
    }

    /** One of the attacks of the small run. */
    private interface Attack {
        List<Tally> make() throws IOException;
    }

    /** Those whose name has {@code part} in it. */
    private static void small(DiskAttack attack, int points, String part, Table table) throws IOException {
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put(
                "deaths: killed, torn, power cut",
                () -> deaths(
                        attack, attack.places().size() + " places where a run of two stages changes the disk", points));
        attacks.put("in a row", () -> List.of(attack.deathsInARow("up to 4 of these in a row", attack.points(points))));
        for (String option : List.of("--from dpo", "--only sft", "--overwrite")) {
            String name = option + " with another rate, killed or without power";
            attacks.put(name, () -> List.of(attack.replacements(name, List.of(option.split(" ")), points)));
        }
        Map<Kind, String> refusals = new EnumMap<>(Kind.class);
        refusals.put(Kind.ERROR, "one change refused: input/output error");
        refusals.put(Kind.TORN_ERROR, "one write torn, then refused");
        refusals.put(Kind.FULL, "disk full from one change on");
        if (points != SMALLEST) {
            refusals.put(Kind.READ_ONLY, "folder read-only from one change on");
            refusals.put(Kind.VANISHED, "folder removed by another process");
        }
        refusals.forEach((kind, name) -> attacks.put(
                name,
                () -> List.of(
                        attack.refusals(name, kind, points == 0 ? attack.refused(kind) : attack.points(points)))));
        if (points != SMALLEST) {
            String slow = "every change of the disk takes 5 ms more";
            attacks.put(slow, () -> List.of(attack.refusals(slow, Kind.SLOW, List.of(1))));
        }
        for (Map.Entry<String, Attack> each : attacks.entrySet()) {
            if (each.getKey().contains(part)) {
                each.getValue().make().forEach(table::add);
            }
        }
    }

    /** In all four ways at each of the points. */
    private static List<Tally> deaths(DiskAttack attack, String places, int points) throws IOException {
        Map<Kind, String> deaths = new EnumMap<>(Kind.class);
        deaths.put(Kind.KILL, "killed before one of " + places);
        deaths.put(Kind.TORN, "killed in the middle of a write");
        deaths.put(Kind.POWER, "power cut: all data and names not forced are lost");
        deaths.put(Kind.POWER_EMPTY, "power cut: names are kept, data not forced are lost");
        return attack.deaths(deaths, attack.points(points));
    }
}
