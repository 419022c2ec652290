package io.github.rlhf4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program, run without a process of its own, for tests in other packages. */
public record InThisProcess(int code, String said) {
    /** Runs a command. An error such as the end of a killed process comes through. */
    public static InThisProcess run(List<String> arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        return new InThisProcess(code, bytes.toString(StandardCharsets.UTF_8));
    }

    /** The last line of the messages. */
    public String lastLine() {
        String[] lines = said.strip().split("\n");
        return lines[lines.length - 1];
    }
}
