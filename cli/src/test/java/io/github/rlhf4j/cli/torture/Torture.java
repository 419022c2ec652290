package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.DiskFault;
import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            "chain_damage",
            "experiment",
            "lab",
            "replicas",
            "threads",
            "machine",
            "kills",
            "experiment_kills",
            "lab_kills",
            "worker_kills");
    private static final int FILES_A_STOP = 3;
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
            small(new DiskAttack(ToyRun.small(folder(options, "small")), seed), points, table);
        }
        if (number(options, "damage") >= 0) {
            damage(ToyRun.small(folder(options, "damaged")), seed, number(options, "damage"), table);
        }
        inARow(options, "experiment", ToyRun::experiment, "an experiment of two runs with --jobs 2", table);
        inARow(options, "lab", ToyRun::lab, "a page of the lab", table);
        inARow(options, "replicas", ToyRun::parts, "replicas and shards", table);
        inARow(options, "chain", ToyRun::whole, "a run of all stage types", table);
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
        kills(options, "experiment_kills", ToyRun::experiment, 4, "an experiment of two runs with --jobs 2", table);
        kills(options, "lab_kills", ToyRun::lab, 4, "a page of the lab", table);
        kills(options, "worker_kills", ToyRun::workers, 2, "a run on two worker processes, or of one of these", table);
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

    private static void inARow(Map<String, String> options, String part, Maker maker, String of, Table table)
            throws IOException {
        int count = number(options, part);
        if (count >= 0) {
            DiskAttack attack = new DiskAttack(maker.in(folder(options, part)), seed(options));
            table.add(attack.deathsInARow(
                    of + ": up to 4 deaths in a row, killed, torn or without power", attack.points(count)));
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

    private static void small(DiskAttack attack, int points, Table table) throws IOException {
        String of = " of " + attack.places().size() + " places where a run of two stages changes the disk";
        table.add(attack.deaths("killed before one" + of, Kind.KILL, attack.points(points)));
        table.add(attack.deaths("killed in the middle of a write", Kind.TORN, attack.points(points)));
        table.add(
                attack.deaths("power cut: all data and names not forced are lost", Kind.POWER, attack.points(points)));
        table.add(attack.deaths(
                "power cut: names are kept, data not forced are lost", Kind.POWER_EMPTY, attack.points(points)));
        table.add(attack.deathsInARow("up to 4 of these in a row", attack.points(points)));
        table.add(attack.replacements(
                "--from dpo with another rate, killed or without power", List.of("--from", "dpo"), points));
        table.add(attack.replacements(
                "--only sft with another rate, killed or without power", List.of("--only", "sft"), points));
        table.add(attack.replacements(
                "--overwrite with another rate, killed or without power", List.of("--overwrite"), points));
        table.add(attack.refusals("one change refused: input/output error", Kind.ERROR, attack.points(points)));
        table.add(attack.refusals("one write torn, then refused", Kind.TORN_ERROR, attack.points(points)));
        table.add(attack.refusals("disk full from one change on", Kind.FULL, attack.points(points)));
        if (points == SMALLEST) {
            return;
        }
        table.add(attack.refusals("folder read-only from one change on", Kind.READ_ONLY, attack.points(points)));
        table.add(attack.refusals("folder removed by another process", Kind.VANISHED, attack.points(points)));
        table.add(attack.refusals("slow disk, 5 ms a change", Kind.SLOW, List.of(1)));
    }
}
