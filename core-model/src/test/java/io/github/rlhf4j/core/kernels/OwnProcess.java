package io.github.rlhf4j.core.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A check that runs in a Java of its own, with the launcher's options. What the compiler makes of a loop depends on all that a process has loaded and run before, and no process that trains has run two thousand tests.
 */
public final class OwnProcess {
    private static final Path OPTIONS = Path.of("src/main/resources/io/github/rlhf4j/core/kernels/jvm.options");

    private OwnProcess() {}

    /** Runs a class's main method, whose exception is this one's failure. */
    public static void run(Class<?> check, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + OPTIONS.toAbsolutePath(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                check.getName()));
        command.addAll(List.of(arguments));
        try {
            File none = new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(none)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
