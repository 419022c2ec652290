package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.InProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Damage to each file of a stopped run. What comes out must be the bytes of the unharmed run, or exit code 2 or 3 with one line that names the file, after which the file, put
 * back, lets the run go on.
 */
final class DamageAttack {
    private final ToyRun run;
    private final Map<String, String> expected;
    private final Random random;
    private final Path stopped;

    /** Kinds of damage. */
    enum Damage {
        FLIPPED,
        TRUNCATED,
        EMPTY,
        ZEROS,
        DELETED,
        APPENDED,
        SWAPPED,
        FOLDER,
        LINK_OUTSIDE
    }

    /** @param run that lies there stopped */
    DamageAttack(ToyRun run, Map<String, String> expected, long seed) throws IOException {
        this.run = run;
        this.expected = expected;
        this.random = new Random(seed);
        this.stopped = run.folder().resolve("stopped");
        Copies.copy(run.runs(), stopped);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> paths = Files.walk(stopped)) {
            return paths.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .map(stopped::relativize)
                    .sorted()
                    .toList();
        }
    }

    /** A tally a kind of damage; {@code count} files of each, all for 0. */
    List<Tally> all(int count) throws IOException {
        List<Path> files = files();
        Map<Damage, Tally> tallies = new EnumMap<>(Damage.class);
        for (Damage damage : Damage.values()) {
            Tally tally = new Tally("a file of a stopped run: "
                    + damage.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            tallies.put(damage, tally);
            List<Path> some = new ArrayList<>(files);
            Collections.shuffle(some, random);
            for (Path file : count == 0 ? files : some.subList(0, Math.min(count, some.size()))) {
                attack(damage, file, files.get(random.nextInt(files.size())), tally);
            }
        }
        return List.copyOf(tallies.values());
    }

    /** Some files, each with a damage, all by chance. */
    void some(int count, Tally tally) throws IOException {
        List<Path> files = files();
        for (int i = 0; i < count; i++) {
            Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
            attack(damage, files.get(random.nextInt(files.size())), files.get(random.nextInt(files.size())), tally);
        }
    }

    private void attack(Damage damage, Path name, Path other, Tally tally) throws IOException {
        Copies.copy(stopped, run.runs());
        Path file = run.runs().resolve(name);
        byte[] before = Files.readAllBytes(file);
        Path outside = Files.write(run.folder().resolve("outside"), before);
        damage(damage, file, run.runs().resolve(other), outside);
        InProcess.Result done = run.run("--resume");
        if (!Files.exists(outside) || !Arrays.equals(Files.readAllBytes(outside), before)) {
            tally.wrong(name + ": what a link points to was changed");
            return;
        }
        List<Path> damaged = damage == Damage.SWAPPED ? List.of(name, other) : List.of(name);
        if (done.code() == 0) {
            same(damaged, done, tally, damage);
        } else if ((done.code() == 2 || done.code() == 3) && Messages.isOneLine(done)) {
            named(damaged, done, tally);
        } else {
            tally.wrong(name + " " + damage + ": exit " + done.code() + ": " + done.lastLine());
        }
    }

    private void same(List<Path> damaged, InProcess.Result done, Tally tally, Damage damage) throws IOException {
        List<String> warned = damaged.stream()
                .map(name -> name.subpath(1, name.getNameCount()).toString())
                .filter(log -> done.said().contains(log + " was changed or removed"))
                .toList();
        String differs = Copies.difference(expected, run.results());
        if (differs.isEmpty()) {
            tally.right("identical");
        } else if (!warned.isEmpty() && areOf(differs, warned)) {
            tally.right("identical but for that log and its charts, with a warning");
        } else {
            tally.wrong(damaged + " " + damage + ": exit 0, differs: " + differs);
        }
    }

    private static boolean areOf(String differs, List<String> logs) {
        return Stream.of(differs.split(", ")).allMatch(file -> logs.contains(file) || file.startsWith("charts/"));
    }

    /** Whether one of the damaged files is named, or a stage's folder that it is in; put back, they let the run go on. */
    private void named(List<Path> damaged, InProcess.Result done, Tally tally) throws IOException {
        Path name = damaged.get(0);
        String line = done.lastLine();
        boolean isNamed = damaged.stream().anyMatch(file -> line.contains(String.valueOf(file.getFileName())))
                || name.getNameCount() > 3 && line.contains(name.subpath(1, 3).toString());
        if (!isNamed) {
            tally.wrong(name + ": not named: " + line);
            return;
        }
        Copies.copy(stopped, run.runs());
        InProcess.Result again = run.run("--resume");
        String differs = Copies.difference(expected, run.results());
        if (again.code() == 0 && differs.isEmpty()) {
            tally.right("exit " + done.code() + ", named");
        } else {
            tally.wrong(name + " put back: exit " + again.code() + ": " + again.lastLine() + " " + differs);
        }
    }

    private void damage(Damage damage, Path file, Path other, Path outside) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (damage) {
            case FLIPPED -> {
                if (bytes.length > 0) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(7));
                }
                Files.write(file, bytes);
            }
            case TRUNCATED -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            case EMPTY -> Files.write(file, new byte[0]);
            case ZEROS -> Files.write(file, new byte[bytes.length]);
            case DELETED -> Files.delete(file);
            case APPENDED -> Files.write(file, new byte[] {'x', '\n'}, StandardOpenOption.APPEND);
            case SWAPPED -> {
                byte[] others = Files.readAllBytes(other);
                Files.write(file, others);
                Files.write(other, bytes);
            }
            case FOLDER -> {
                Files.delete(file);
                Files.createDirectory(file);
            }
            case LINK_OUTSIDE -> {
                Files.delete(file);
                Files.createSymbolicLink(file, outside);
            }
        }
    }
}
