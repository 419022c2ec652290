package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.DiskFault;
import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The program of {@code tools/torture}: attacks, and a table of how they ended. Arguments are {@code key=value}: {@code folder}, {@code seed}, {@code points} (of each fault of the
 * disk; 0 all), {@code damage} (files of each damage; 0 all, -1 none), {@code chain} (points in a run of all stage types; -1 none), {@code experiment} (points in an experiment with --jobs 2; -1 none), {@code kills} (of real processes) and {@code minutes} (for them), {@code out}.
 * Exit code 1 when one attack ended wrongly.
 */
public final class Torture {
    private static final int SMALLEST = 2; // what the test takes, for which the last three are too slow

    private Torture() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new LinkedHashMap<>(Map.of(
                "folder",
                "target/torture",
                "seed",
                "7",
                "points",
                "0",
                "damage",
                "0",
                "chain",
                "-1",
                "experiment",
                "-1",
                "kills",
                "0",
                "minutes",
                "60",
                "out",
                ""));
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (parts.length != 2 || !options.containsKey(parts[0])) {
                System.err.println("torture: " + argument + " is none of " + options.keySet());
                System.exit(2);
            }
            options.put(parts[0], parts[1]);
        }
        List<Tally> tallies = run(options);
        StringBuilder table = new StringBuilder("| attack | count | result |\n|---|---|---|\n");
        tallies.forEach(tally -> table.append(tally.row()).append('\n'));
        System.out.print(table);
        if (!option(options, "out").isEmpty()) {
            Files.writeString(Path.of(option(options, "out")), table);
        }
        System.exit(tallies.stream().allMatch(tally -> tally.wrong().isEmpty()) ? 0 : 1);
    }

    private static String option(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name));
    }

    private static List<Tally> run(Map<String, String> options) throws IOException, InterruptedException {
        Path folder = Path.of(option(options, "folder")).toAbsolutePath();
        long seed = Long.parseLong(option(options, "seed"));
        int points = Integer.parseInt(option(options, "points"));
        int damage = Integer.parseInt(option(options, "damage"));
        int chain = Integer.parseInt(option(options, "chain"));
        int kills = Integer.parseInt(option(options, "kills"));
        List<Tally> tallies = new ArrayList<>();
        if (points >= 0) {
            small(new DiskAttack(ToyRun.small(folder.resolve("small")), seed), points, tallies);
        }
        if (damage >= 0) {
            ToyRun run = ToyRun.small(folder.resolve("damaged"));
            DiskAttack attack = new DiskAttack(run, seed);
            run.clear();
            run.dies(new DiskFault(Kind.KILL, stop(attack.changes())));
            tallies.addAll(new DamageAttack(run, attack.expected(), seed).all(damage));
        }
        int experiment = Integer.parseInt(option(options, "experiment"));
        if (experiment >= 0) {
            DiskAttack attack = new DiskAttack(ToyRun.experiment(folder.resolve("experiment")), seed);
            tallies.add(attack.deathsInARow(
                    "an experiment of two runs with --jobs 2: up to 4 deaths in a row", attack.points(experiment)));
        }
        if (chain >= 0 || kills > 0) {
            ToyRun run = ToyRun.whole(folder.resolve("whole"));
            DiskAttack attack = new DiskAttack(run, seed);
            if (chain >= 0) {
                tallies.add(attack.deathsInARow(
                        "up to 4 deaths in a row, killed, torn or without power, all stage types",
                        attack.points(chain)));
            }
            if (kills > 0) {
                tallies.add(new KillAttack(run, attack.expected(), seed)
                        .kills(kills, Long.parseLong(option(options, "minutes"))));
            }
        }
        return tallies;
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

    private static void small(DiskAttack attack, int points, List<Tally> tallies) throws IOException {
        String of = " of " + attack.places().size() + " places where a run of two stages changes the disk";
        tallies.add(attack.deaths("killed before one" + of, Kind.KILL, attack.points(points)));
        tallies.add(attack.deaths("killed in the middle of a write", Kind.TORN, attack.points(points)));
        tallies.add(
                attack.deaths("power cut: all data and names not forced are lost", Kind.POWER, attack.points(points)));
        tallies.add(attack.deaths(
                "power cut: names are kept, data not forced are lost", Kind.POWER_EMPTY, attack.points(points)));
        tallies.add(attack.deathsInARow("up to 4 of these in a row", attack.points(points)));
        tallies.add(attack.replacements(
                "--from dpo with another rate, killed or without power", List.of("--from", "dpo"), points));
        tallies.add(attack.replacements(
                "--overwrite with another rate, killed or without power", List.of("--overwrite"), points));
        tallies.add(attack.refusals("one change refused: input/output error", Kind.ERROR, attack.points(points)));
        tallies.add(attack.refusals("one write torn, then refused", Kind.TORN_ERROR, attack.points(points)));
        tallies.add(attack.refusals("disk full from one change on", Kind.FULL, attack.points(points)));
        if (points == SMALLEST) {
            return;
        }
        tallies.add(attack.refusals("folder read-only from one change on", Kind.READ_ONLY, attack.points(points)));
        tallies.add(attack.refusals("folder removed by another process", Kind.VANISHED, attack.points(points)));
        tallies.add(attack.refusals("slow disk, 5 ms a change", Kind.SLOW, List.of(1)));
    }
}
