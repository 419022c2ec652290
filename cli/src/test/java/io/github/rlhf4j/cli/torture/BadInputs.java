package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.InProcess;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.testing.damage.Draws;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Damaged inputs, one after the other, in this process: a line each on standard output, {@code TARGET <tab> NUMBER <tab> OUTCOME <tab> MESSAGE}. A target's inputs begin with a line
 * {@code TARGET <tab> NUMBER <tab> begun}, so whoever started the process knows what aborted or hung it.
 *
 * <p>Arguments: folder of the corpus, seed, first number, end of the numbers, then targets (all where none is given).
 */
public final class BadInputs {
    private static final long LIMIT_SECONDS = 10;
    private static final int LONGEST_MESSAGE = 4_000;

    private final Corpus corpus;
    private final Path folder;
    private final long seed;

    BadInputs(Path folder, long seed) {
        this.folder = folder;
        this.corpus = new Corpus(folder);
        this.seed = seed;
    }

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        BadInputs inputs = new BadInputs(folder, Long.parseLong(arguments[1]));
        inputs.corpus.makeOnce();
        Map<String, Target> targets = inputs.corpus.targets();
        List<String> names =
                arguments.length > 4 ? List.of(arguments).subList(4, arguments.length) : List.copyOf(targets.keySet());
        for (String name : names) {
            for (int i = Integer.parseInt(arguments[2]); i < Integer.parseInt(arguments[3]); i++) {
                System.out.println(name + "\t" + i + "\tbegun");
                long begin = processorNanos();
                Judged judged = inputs.judge(Objects.requireNonNull(targets.get(name)), i);
                double seconds = (processorNanos() - begin) / 1e9;
                String outcome = seconds > LIMIT_SECONDS ? "slow" : judged.outcome();
                System.out.printf(
                        "%s\t%d\t%s\t%.1f\t%s%n",
                        name, i, outcome, seconds, judged.message().replaceAll("[\t\n]", " | "));
            }
        }
        System.exit(0);
    }

    /** The clock of the limit: a busy machine makes no input slow. */
    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }

    /** What became of an input. */
    record Judged(String outcome, String message) {}

    Judged judge(Target target, int number) throws IOException {
        byte[] whole = whole(target);
        if (number == 0) {
            return judge(target, whole, Form.Expected.ACCEPTED);
        }
        Draws draws = new Draws(CounterRandom.of(seed).derive(target.name()).derive(number));
        byte[] damaged = target.form().damaged(whole, draws);
        return judge(
                target,
                damaged,
                target.isDerived() ? Form.Expected.EITHER : target.form().expected(whole, damaged));
    }

    byte[] whole(Target target) throws IOException {
        return Files.readAllBytes(corpus.of(target.folder()).resolve(target.file()));
    }

    /** What becomes of an input. */
    Judged judge(Target target, byte[] input, Form.Expected expected) throws IOException {
        Path work = folder.resolve("work");
        AtomicFiles.delete(work);
        Path holder = Files.createDirectories(work.resolve("in/chain"));
        if (!target.folder().isEmpty() && !target.folder().startsWith("data")) {
            Copies.copy(corpus.of(target.folder()), holder);
        }
        Path file = holder.resolve(target.file());
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        Files.write(file, input);
        InProcess.Result result =
                InProcess.run(command(target, file, holder, Files.createDirectories(work.resolve("out"))));
        return judged(result, expected, file.getFileName().toString());
    }

    private List<String> command(Target target, Path file, Path holder, Path out) throws IOException {
        List<String> command = new ArrayList<>();
        for (String word : target.command()) {
            String given = word.startsWith("$one/") ? one(word.substring(5)).toString() : word;
            command.add(
                    given.equals("$out")
                            ? out.resolve(target.command().get(0) + ".jsonl").toString()
                            : given.replace("$file", file.toString())
                                    .replace("$folder", holder.toString())
                                    .replace(
                                            "$parent",
                                            Objects.requireNonNull(holder.getParent())
                                                    .toString())
                                    .replace("$name", holder.getFileName().toString())
                                    .replace("$out", out.toString()));
        }
        return command;
    }

    private Path one(String name) throws IOException {
        Path file = folder.resolve("one-" + name);
        String type = name.replace(".yaml", "");
        Files.writeString(
                file,
                "name: one\nstages: {" + type + ": {type: " + type
                        + ", model: $model, dataset: $dataset, max_steps: 1, batch_size: 2, max_length: 64}}\n");
        return file;
    }

    private static Judged judged(InProcess.Result result, Form.Expected expected, String file) {
        List<String> errors =
                result.err().lines().filter(line -> line.startsWith("rlhf4j: ")).toList();
        String message = errors.isEmpty() ? result.err() : String.join("\n", errors);
        if (errors.size() == 1 && errors.get(0).contains("mistakes in the configuration")) {
            message = result.err();
        }
        message = message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + "..." : message;
        String outcome;
        if (result.code() != 0 && result.code() != 2) {
            outcome = "INTERNAL " + result.code();
            message = result.err();
        } else if ((result.out() + result.err())
                .chars()
                .anyMatch(c -> Character.isISOControl(c) && "\n\t\r".indexOf(c) < 0)) {
            outcome = "CONTROL CHARACTERS";
        } else if (result.code() == 2 && errors.size() != 1) {
            outcome = "LINES " + errors.size();
            message = result.err();
        } else if (result.code() == 2 && errors.get(0).length() > LONGEST_MESSAGE) {
            outcome = "LONG LINE";
        } else if (result.code() == 0 && expected == Form.Expected.REFUSED) {
            outcome = "ACCEPTED THOUGH WRONG";
        } else if (result.code() == 2 && expected == Form.Expected.ACCEPTED) {
            outcome = "REFUSED THOUGH RIGHT";
        } else if (result.code() == 2 && !message.contains(file)) {
            outcome = "refused, file not named";
        } else {
            outcome = result.code() == 0 ? "accepted" : "refused";
        }
        return new Judged(outcome, message);
    }
}
