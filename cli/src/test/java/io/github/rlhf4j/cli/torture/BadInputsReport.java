package io.github.rlhf4j.cli.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts {@link BadInputs} in processes with a heap of 512 MB, again after one that aborted or hung, and counts what became of the inputs.
 *
 * <p>Arguments: a folder to work in, where the corpus is made in a folder of its own, seed, inputs a target, then targets (all where none is given). Prints a table in Markdown; the inputs that are faults are above it.
 */
public final class BadInputsReport {
    /** Of the processor: the machine may be busy. A slow input is one above 10 s of BadInputs' clock. */
    private static final int HANG_SECONDS = 60;

    private static final int WAIT_SECONDS = 900; // by the clock: one that waits for something
    private static final String END = "\0end";

    private final Path folder;
    private final long seed;
    private final int inputs;
    private final Map<String, Map<String, Integer>> counts = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    BadInputsReport(Path folder, long seed, int inputs) {
        this.folder = folder;
        this.seed = seed;
        this.inputs = inputs;
    }

    /** The tool. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        BadInputsReport report = new BadInputsReport(
                Path.of(arguments[0]), Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        report.run(List.of(arguments).subList(3, arguments.length));
        System.out.println(report.table());
        System.exit(report.faults.isEmpty() ? 0 : 1);
    }

    List<String> faults() {
        return faults;
    }

    int total() {
        return counts.values().stream()
                .flatMap(of -> of.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    void run(List<String> wanted) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> left =
                new ArrayList<>(wanted.isEmpty() ? new Corpus(folder).targets().keySet() : wanted);
        int from = 0;
        while (!left.isEmpty()) {
            Ended ended = process(from, from > 0 ? left.subList(0, 1) : left);
            left.subList(0, left.indexOf(ended.target)).clear();
            boolean isOver = ended.next >= inputs;
            if (isOver) {
                left.remove(0);
            }
            from = isOver ? 0 : ended.next;
        }
    }

    /** Where a process ended: the first input that it did not come to. */
    private record Ended(String target, int next) {}

    private Ended process(int from, List<String> targets) throws IOException, InterruptedException {
        List<String> command = JavaCommand.of(
                BadInputs.class.getName(),
                "--add-opens",
                "java.base/java.io=ALL-UNNAMED",
                "-Drlhf4j.jvm.options=given",
                "-Dorg.bytedeco.javacpp.logger=slf4j",
                "-DOPT_OUT_TRACKING=true",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"));
        command.addAll(List.of(
                folder.resolve("corpus").toString(),
                String.valueOf(seed),
                String.valueOf(from),
                String.valueOf(inputs)));
        command.addAll(targets);
        Path errors = folder.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process process = builder.start();
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                output.lines().forEach(lines::add);
            } catch (IOException | java.io.UncheckedIOException e) {
                // the process was ended
            }
            lines.add(END);
        });
        reader.setDaemon(true);
        reader.start();
        Ended now = new Ended(targets.get(0), from);
        while (true) {
            String line = next(process, lines);
            if (line == null || line.equals(END)) {
                boolean isHung = line == null;
                process.destroyForcibly();
                int code = process.waitFor();
                if (isHung || code != 0) {
                    add(
                            now.target,
                            isHung ? "HANG" : "ABORT " + code,
                            now.target + "\t" + now.next + "\t"
                                    + (isHung ? "HANG" : "ABORT " + code + " " + lastOf(errors)));
                    return new Ended(now.target, now.next + 1);
                }
                return new Ended(targets.get(targets.size() - 1), inputs);
            }
            String[] parts = line.split("\t", 5);
            if (parts.length == 3) {
                now = new Ended(parts[0], Integer.parseInt(parts[1]));
            } else if (parts.length == 5) {
                add(parts[0], parts[2], line);
            }
        }
    }

    /** The next line; null where none comes though the process works or waits for long. */
    private static @Nullable String next(Process process, BlockingQueue<String> lines) throws InterruptedException {
        long worked = worked(process);
        for (int waited = 0; waited < WAIT_SECONDS && worked(process) - worked < HANG_SECONDS; waited++) {
            String line = lines.poll(1, TimeUnit.SECONDS);
            if (line != null) {
                return line;
            }
        }
        return null;
    }

    private static long worked(Process process) {
        return process.info().totalCpuDuration().map(Duration::toSeconds).orElse(0L);
    }

    private void add(String target, String outcome, String line) {
        counts.computeIfAbsent(target, any -> new TreeMap<>()).merge(outcome, 1, Integer::sum);
        boolean isFine = outcome.equals("accepted") || outcome.startsWith("refused");
        if (!isFine) {
            faults.add(line);
            System.out.println(line);
        }
    }

    private static String lastOf(Path errors) throws IOException {
        String text = Files.readString(errors, StandardCharsets.ISO_8859_1);
        return text.substring(Math.max(0, text.length() - 600)).replace('\n', ' ');
    }

    String table() {
        StringBuilder table = new StringBuilder(
                "| input | inputs | refused, one line | accepted | faults |\n|---|---|---|---|---|\n");
        counts.forEach((target, of) -> {
            int all = of.values().stream().mapToInt(Integer::intValue).sum();
            int accepted = of.getOrDefault("accepted", 0);
            int refused = of.entrySet().stream()
                    .filter(one -> one.getKey().startsWith("refused"))
                    .mapToInt(Map.Entry::getValue)
                    .sum();
            table.append(
                    "| %s | %d | %d | %d | %d |%n".formatted(target, all, refused, accepted, all - accepted - refused));
        });
        return table + "| all | %d | | | %d |".formatted(total(), faults.size());
    }
}
