package io.github.rlhf4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program's commands, run in this process; for tests of other packages. */
public final class InProcess {
    private InProcess() {}

    /** What a command ended with. */
    public record Result(int code, String out, String err) {
        /** All that was printed. */
        public String said() {
            return out + err;
        }

        /** The last line of it. */
        public String lastLine() {
            String[] lines = said().strip().split("\n");
            return lines[lines.length - 1];
        }
    }

    /** Runs a command to its end. An error such as the end of a killed process comes through. */
    public static Result run(List<String> arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                arguments.toArray(String[]::new),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
