package io.github.rlhf4j.cli;

import io.github.rlhf4j.web.Ui;
import io.github.rlhf4j.web.commands.ProgramCommand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the page calls of the program: commands in this process, and the program itself for runs of their own. */
final class UiPrograms {
    private UiPrograms() {}

    static Ui.Setting setting(Path folder, int port) {
        return new Ui.Setting(folder, port, UiPrograms::run, launcher());
    }

    private static ProgramCommand.Outcome run(List<String> arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                arguments.toArray(String[]::new),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new ProgramCommand.Outcome(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The launcher, which sets what a JVM must be told; without one this JVM's own command. */
    static List<String> launcher() {
        String home = System.getProperty("rlhf4j.home", "");
        boolean isWindows = java.io.File.separatorChar == '\\';
        Path script = Path.of(home, isWindows ? "rlhf4j.cmd" : "rlhf4j");
        if (!home.isEmpty() && Files.isRegularFile(script)) {
            return List.of(script.toString());
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(Objects.requireNonNull(System.getProperty("java.home")), "bin", "java")
                .toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-cp"));
        command.add(Objects.requireNonNull(System.getProperty("java.class.path")));
        command.add(Main.class.getName());
        return command;
    }
}
