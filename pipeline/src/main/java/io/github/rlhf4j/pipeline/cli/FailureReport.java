package io.github.rlhf4j.pipeline.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** A failure of ours as one line for the person at the terminal, with the full trace in a file. */
final class FailureReport {
    private FailureReport() {}

    /** The line; the trace is written to a temporary file unless {@code debug} will print it anyway. */
    static String line(Throwable failure, String command, boolean debug) {
        String what = failure instanceof OutOfMemoryError
                ? "out of memory: " + failure.getMessage()
                : command + " failed: " + describe(failure);
        return debug ? what : what + trace(failure);
    }

    private static String describe(Throwable failure) {
        if (failure instanceof LinkageError) {
            return nativeLibraries(failure);
        }
        String message = failure.getMessage();
        String name = failure.getClass().getSimpleName();
        return message == null
                ? name
                : name + ": " + message.lines().findFirst().orElse("");
    }

    /** Native libraries are unpacked when they are first used, which fails where their folder cannot be written. */
    private static String nativeLibraries(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String reason = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        String folder = System.getProperty("org.bytedeco.javacpp.cachedir");
        return "a library cannot be loaded: " + reason
                + (folder == null
                        ? ""
                        : "; native libraries are unpacked into " + folder
                                + ", which must be writable: RLHF4J_CACHE_DIR names another place");
    }

    private static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        try {
            Path file = Files.createTempFile("rlhf4j-failure-", ".txt");
            Files.writeString(file, text.toString());
            return " (the full trace is in " + file + ")";
        } catch (IOException e) {
            return " (run it again with RLHF4J_DEBUG=1 for the full trace)";
        }
    }
}
