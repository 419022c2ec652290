package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.disk.DiskFault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the machine does to processes of a run: small and read-only disks (mounted, which root may do), limits, clocks that jump, and a second process. */
final class MachineAttack {
    private static final int MISTAKE = 2;

    private final ToyRun run;
    private final Life life;
    private final Map<String, String> expected;
    private final Random random;

    MachineAttack(ToyRun run, Map<String, String> expected, long seed) {
        this.run = run;
        this.life = new Life(run);
        this.expected = expected;
        this.random = new Random(seed);
    }

    void all(int count, Table table) throws IOException, InterruptedException {
        run.clear();
        run.run();
        long bytes = size();
        if (mount("size=1m")) {
            unmount();
            table.add(fullDisks(count, bytes));
            table.add(readOnlyDisk());
            table.add(quotas(count, bytes));
        } else {
            System.err.println("only root may mount disks: attacks with real ones are left out");
        }
        table.add(fileSizes(count, bytes));
        table.add(openFiles());
        table.add(secondProcess());
        table.add(dates(count));
        table.add(clocks(count));
    }

    /** Of sizes that all of the run does not fit in; made larger, the run goes on. */
    private Tally fullDisks(int count, long bytes) throws IOException, InterruptedException {
        Tally tally = new Tally("a real disk (tmpfs) that is too small, then made larger");
        for (int i = 0; i < count; i++) {
            run.clear();
            long size = Math.max(1, bytes * (i + 1) / (count + 1) >> 12) << 12;
            mount("size=" + size);
            int code = life.start(false).waitFor();
            String said = life.lastLine();
            command("mount", "-o", "remount,size=" + 8 * bytes, run.runs().toString());
            ended(tally, "disk of " + size, code, said, "No space left");
            unmount();
        }
        return tally;
    }

    /** Of a btrfs in a file, which holds root to it too. */
    private Tally quotas(int count, long bytes) throws IOException, InterruptedException {
        Tally tally = new Tally("a real quota (btrfs) that is too small, then none");
        Path image = run.folder().resolve("quota.img");
        for (int i = 0; i < count; i++) {
            run.clear();
            Files.createDirectories(run.runs());
            Files.deleteIfExists(image); // what is still mapped of the one before keeps that mounted
            try (FileChannel file = FileChannel.open(image, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.allocate(1), 150L << 20);
            }
            long limit = (bytes * (i + 1) / (count + 1) >> 10) + 64;
            String runs = run.runs().toString();
            if (command("mkfs.btrfs", "-q", "-f", image.toString()) != 0
                    || command("mount", "-o", "loop", image.toString(), runs) != 0) {
                System.err.println("there is no btrfs: quotas are left out");
                return tally;
            }
            command("btrfs", "quota", "enable", runs);
            command("btrfs", "qgroup", "limit", limit + "K", runs);
            int code = life.start(false).waitFor();
            String said = life.lastLine();
            command("btrfs", "qgroup", "limit", "none", runs);
            ended(tally, "quota of " + limit + " KiB", code, said, "quota exceeded");
            unmount();
        }
        return tally;
    }

    private Tally readOnlyDisk() throws IOException, InterruptedException {
        Tally tally = new Tally("a real disk that is read-only, then writable");
        run.clear();
        mount("size=64m");
        run.dies(stopAt());
        command("mount", "-o", "remount,ro", run.runs().toString());
        int code = life.start(false, "--resume").waitFor();
        String said = life.lastLine();
        command("mount", "-o", "remount,rw", run.runs().toString());
        ended(tally, "read-only", code, said, "Read-only file system");
        unmount();
        return tally;
    }

    private static DiskFault stopAt() {
        return new DiskFault(DiskFault.Kind.KILL, 3000);
    }

    /** The system refuses files above a size, as a quota does. */
    private Tally fileSizes(int count, long bytes) throws IOException, InterruptedException {
        Tally tally = new Tally("a limit on the size of files (RLIMIT_FSIZE), then none");
        for (int i = 0; i < count; i++) {
            run.clear();
            long size = 100 + bytes / 10 * (i + 1) / (count + 1);
            int code = limited("--fsize=" + size);
            ended(tally, "files of " + size, code, life.lastLine(), "File too large");
        }
        return tally;
    }

    /** Java itself needs some; with what is left the run works or says what is missing. */
    private Tally openFiles() throws IOException, InterruptedException {
        Tally tally = new Tally("a limit on open files, by the launcher, then none");
        Path launcher = Path.of("rlhf4j").toAbsolutePath();
        if (!Files.isRegularFile(launcher)) {
            return tally;
        }
        for (int files : new int[] {40, 64, 128, 256}) {
            run.clear();
            List<String> command =
                    new ArrayList<>(List.of("prlimit", "--nofile=" + files + ":" + files, launcher.toString()));
            command.addAll(run.arguments());
            int code = life.start(command).waitFor();
            ended(tally, files + " open files", code, life.lastLine(), "files may be open");
        }
        return tally;
    }

    /** Whatever the second asks for. */
    private Tally secondProcess() throws IOException, InterruptedException {
        Tally tally = new Tally("a second process in the folder is refused, the first goes on");
        for (String[] options :
                new String[][] {{"--resume"}, {"--overwrite"}, {"--from", "dpo"}, {"--only", "dpo"}, {"--from", "sft"}
                }) {
            run.clear();
            Process first = life.start(50);
            while (first.isAlive() && life.lines() < 2) {
                first.waitFor(20, TimeUnit.MILLISECONDS);
            }
            String second = run.run(options).lastLine();
            boolean wasThere = first.isAlive();
            int code = first.waitFor();
            String differs = Copies.difference(expected, run.results());
            if (!wasThere) {
                tally.wrong("the first was over already");
            } else if (code != 0 || !differs.isEmpty() || !second.contains("is working in")) {
                tally.wrong(List.of(options) + ": " + second + "; first exit " + code + " " + differs);
            } else {
                tally.right("refused, identical");
            }
        }
        return tally;
    }

    /** Dates of files are of no meaning. */
    private Tally dates(int count) throws IOException {
        Tally tally = new Tally("dates of all files years back and ahead before it is resumed");
        for (int i = 0; i < count; i++) {
            run.clear();
            run.dies(stopAt());
            try (Stream<Path> paths = Files.walk(run.folder())) {
                for (Path path : paths.toList()) {
                    if (!Files.isSymbolicLink(path) && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                        Files.setLastModifiedTime(
                                path, FileTime.from(Instant.now().plus(Duration.ofDays(random.nextInt(4000) - 2000))));
                    }
                }
            }
            same(tally, "dates", run.run("--resume").code());
        }
        return tally;
    }

    /** A clock that jumps by up to ten days each time it is asked, by a library that a C compiler makes. */
    private Tally clocks(int count) throws IOException, InterruptedException {
        Tally tally = new Tally("a clock that jumps by days back and ahead all the time");
        Path source = run.folder().resolve("clock.c");
        Path library = run.folder().resolve("clock.so");
        Files.writeString(source, CLOCK);
        if (command("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl") != 0) {
            System.err.println("there is no C compiler: jumping clocks are left out");
            return tally;
        }
        for (int i = 0; i < count; i++) {
            run.clear();
            List<String> command = new ArrayList<>(List.of("env", "LD_PRELOAD=" + library));
            command.addAll(JavaCommand.of("io.github.rlhf4j.cli.Main"));
            command.addAll(run.arguments());
            int code = life.start(command).waitFor();
            same(tally, "clock", code);
        }
        return tally;
    }

    private static final String CLOCK = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <sys/time.h>
        #include <time.h>
        static long jump(void) {
          static unsigned state = 12345;
          state = state * 1664525u + 1013904223u;
          return (long) (state >> 8) % 1728000 - 864000;
        }
        int clock_gettime(clockid_t id, struct timespec *t) {
          static int (*real)(clockid_t, struct timespec *);
          if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
          int code = real(id, t);
          if (id == CLOCK_REALTIME) t->tv_sec += jump();
          return code;
        }
        int gettimeofday(struct timeval *t, void *zone) {
          struct timespec now;
          clock_gettime(CLOCK_REALTIME, &now);
          t->tv_sec = now.tv_sec;
          t->tv_usec = now.tv_nsec / 1000;
          return 0;
        }
        """;

    private int limited(String limit) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("prlimit", limit));
        command.addAll(JavaCommand.of("io.github.rlhf4j.cli.Main", "-XX:-UsePerfData"));
        command.addAll(run.arguments());
        return life.start(command).waitFor();
    }

    /** It has come to its end, or its last line has said why not; without the limit it is the same. */
    private void ended(Tally tally, String where, int code, String line, String reason) throws IOException {
        if (code == 0) {
            same(tally, where, 0);
        } else if (!line.startsWith("rlhf4j") || !line.contains(reason)) {
            tally.wrong(where + ": exit " + code + ": " + line);
        } else {
            same(tally, where + " exit " + code, run.run("--resume").code());
        }
    }

    private void same(Tally tally, String where, int code) throws IOException {
        String differs = Copies.difference(expected, run.results());
        if (code == 0 && differs.isEmpty() && run.leftovers().isEmpty()) {
            tally.right("identical");
        } else {
            tally.wrong(where + ": exit " + code + ", differs: " + differs + " " + run.leftovers() + " "
                    + (Files.exists(life.log()) ? life.lastLine() : ""));
        }
    }

    private long size() throws IOException {
        long bytes = 0;
        try (Stream<Path> paths = Files.walk(run.runs())) {
            for (Path path : paths.toList()) {
                bytes += (Files.isRegularFile(path) ? Files.size(path) : 0) / 4096 * 4096 + 4096;
            }
        }
        return bytes;
    }

    private boolean mount(String options) throws IOException, InterruptedException {
        Files.createDirectories(run.runs());
        return command(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        options,
                        "torture",
                        run.runs().toString())
                == 0;
    }

    /** Also while Java still maps a file of it. */
    private void unmount() throws IOException, InterruptedException {
        command("umount", "-l", run.runs().toString());
    }

    private static int command(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return MISTAKE; // there is no such command
        }
    }
}
