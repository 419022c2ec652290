package io.github.rlhf4j.cli.torture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start Java in a process of its own, with the class path of this one. */
final class JavaCommand {
    private JavaCommand() {}

    /** A command to which the program's arguments are added. */
    static List<String> of(String mainClass, String... options) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx512m"));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                mainClass));
        return command;
    }
}
