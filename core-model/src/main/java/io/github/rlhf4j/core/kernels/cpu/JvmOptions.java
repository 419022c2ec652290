package io.github.rlhf4j.core.kernels.cpu;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/**
 * The options that the kernels ask of the JVM: the file jvm.options beside their contract. Where Java was started without them, the running JVM is told what it can still be told, and one warning says what is left.
 *
 * <p>{@code java -cp CLASSPATH io.github.rlhf4j.core.kernels.cpu.JvmOptions > rlhf4j.options} writes those that any program needs, which then starts with {@code java @rlhf4j.options ...}.
 */
public final class JvmOptions {
    /** Set by the options themselves. */
    private static final String GIVEN = "rlhf4j.jvm.options";

    private static final String FOLDER = "/io/github/rlhf4j/core/kernels/";
    private static final String COMMAND = "-XX:CompileCommand=";

    /** What a directive of the compiler can say as well as a command. */
    private static final List<String> INLINING = List.of(COMMAND + "inline,", COMMAND + "dontinline,");

    private static final Logger LOG = LoggerFactory.getLogger(JvmOptions.class);

    private static boolean applied;

    private JvmOptions() {}

    /** Prints the options, one a line. */
    public static void main(String[] arguments) {
        forAnyProgram().forEach(System.out::println);
    }

    /** Those that have to do with the kernels; the launcher's others choose a heap, a collector and the like, which is each program's business. */
    static List<String> forAnyProgram() {
        Stream<String> newer = Runtime.version().feature() < 24 ? Stream.of() : lines("jvm-24.options").stream();
        return Stream.concat(
                        lines("jvm.options").stream()
                                .filter(line -> line.startsWith("--add-modules")
                                        || line.startsWith(COMMAND)
                                        || line.startsWith("-D" + GIVEN)),
                        newer)
                .toList();
    }

    /** The commands to the compiler. */
    static List<String> commands() {
        return lines("jvm.options").stream()
                .filter(line -> line.startsWith(COMMAND) && line.contains("::"))
                .toList();
    }

    private static List<String> lines(String file) {
        try (InputStream in = Objects.requireNonNull(JvmOptions.class.getResourceAsStream(FOLDER + file))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Tells the JVM what it was not started with. The first call in a process does, which must come before any kernel is compiled; others do nothing.
     *
     * @param warnings what else there is to warn of, in whole sentences
     */
    static synchronized void apply(List<String> warnings) {
        if (applied) {
            return;
        }
        applied = true;
        List<String> all = new ArrayList<>(warnings);
        missing().ifPresent(all::add);
        if (!all.isEmpty()) {
            warn(String.join(" ", all) + " For all options: java -cp CLASSPATH " + JvmOptions.class.getName()
                    + " > rlhf4j.options, then java @rlhf4j.options ... (docs/performance.md, Without the launcher).");
        }
    }

    private static Optional<String> missing() {
        if (System.getProperty(GIVEN) != null) {
            return Optional.empty();
        }
        List<String> missing = new ArrayList<>(commands());
        try {
            missing.removeAll(Set.copyOf(ManagementFactory.getRuntimeMXBean().getInputArguments()));
            List<String> inlining = missing.stream()
                    .filter(line -> INLINING.stream().anyMatch(line::startsWith))
                    .toList();
            if (!inlining.isEmpty() && addDirectives(directives(inlining))) {
                missing.removeAll(inlining);
            }
        } catch (LinkageError | RuntimeException | JMException | IOException e) { // another kind of JVM
            LOG.debug("no compiler directives", e);
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of(sentence(missing));
    }

    private static String sentence(List<String> missing) {
        boolean onlyLater = missing.stream().noneMatch(line -> INLINING.stream().anyMatch(line::startsWith));
        return "Java was started without " + String.join(" ", missing) + ", so RLHF4J's kernels are slower"
                + (onlyLater ? " in the first seconds." : ", by about a tenth.");
    }

    /** The commands as directives in the compiler's JSON: for whatever of ours calls them. */
    static String directives(List<String> inlining) {
        return inlining.stream()
                .map(command -> "\"" + (command.contains("dontinline,") ? "-" : "+")
                        + command.substring(command.indexOf(',') + 1)
                                .replace('.', '/')
                                .replace("::", ".") + "\"")
                .collect(Collectors.joining(", ", "[{match: \"io/github/rlhf4j/*.*\", inline: [", "]}]"));
    }

    /** Whether the JVM took them. */
    private static boolean addDirectives(String json) throws IOException, JMException {
        Path file = Files.createTempFile("rlhf4j", ".json");
        try {
            Files.writeString(file, json);
            Object answer = ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "compilerDirectivesAdd",
                            new Object[] {new String[] {file.toString()}},
                            new String[] {String[].class.getName()});
            return String.valueOf(answer).contains("directives added");
        } finally {
            Files.delete(file);
        }
    }

    private static void warn(String message) {
        if (LOG instanceof NOPLogger) {
            System.err.println("RLHF4J: " + message);
        } else {
            LOG.warn("{}", message);
        }
    }
}
