package io.github.rlhf4j.web.start;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts runs as processes of their own, which go on when this one ends: on POSIX systems Ctrl-C and the end of the terminal do not reach them. What they say at their start, such as a mistake that keeps them from running, is told.
 */
public final class RunStarter {
    private static final int MOST_OUTPUT = 8_000; // characters that are told

    private final List<String> program;
    private final Map<String, Started> started = new LinkedHashMap<>();

    /** @param program how the program is called, such as the launcher's path */
    public RunStarter(List<String> program) {
        this.program = List.copyOf(program);
    }

    private record Started(Process process, Path output) {}

    /**
     * Starts {@code run FILE} with more arguments.
     *
     * @param name of the run, as it is told by {@link #all}
     */
    public synchronized void start(String name, Path file, List<String> arguments) {
        Started before = started.get(name);
        if (before != null && before.process().isAlive()) {
            throw new UserError("run " + name + " has been started and is at work");
        }
        List<String> command = new ArrayList<>();
        if (!File.separator.equals("\\")) {
            command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        }
        command.addAll(program);
        command.add("run");
        command.add(file.toString());
        command.addAll(arguments);
        try {
            Path output = Files.createTempFile("rlhf4j-run-", ".log");
            output.toFile().deleteOnExit();
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(new File(File.separator.equals("\\") ? "NUL" : "/dev/null")))
                    .redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()))
                    .start();
            started.put(name, new Started(process, output));
        } catch (IOException e) {
            throw new UserError("the program cannot be started: " + e.getMessage(), e);
        }
    }

    /** What was started here: whether it is at work, else its exit code and the end of what it said. */
    public synchronized ObjectNode all() {
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("started");
        started.forEach((name, run) -> {
            ObjectNode view = list.addObject();
            view.put("run", name);
            view.put("alive", run.process().isAlive());
            if (!run.process().isAlive()) {
                view.put("code", run.process().exitValue());
            }
            view.put("output", output(run.output()));
        });
        return answer;
    }

    private static String output(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return text.length() <= MOST_OUTPUT ? text : text.substring(text.length() - MOST_OUTPUT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
