package io.github.rlhf4j.cli.terminal;

import io.github.rlhf4j.core.files.FileFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A failure of ours as one line for the person at the terminal, with the full trace in a file. */
public final class FailureReport {
    private static final String PREFIX = "rlhf4j-failure-";
    private static final int KEPT = 10;
    private static final int DEEPEST = 20; // causes that are looked at

    private FailureReport() {}

    /** The line; the trace is written to a temporary file unless {@code debug} will print it anyway. */
    public static String line(Throwable failure, String command, boolean debug) {
        String what = outOfMemory(failure)
                .map(FailureReport::outOfMemory)
                .orElseGet(() -> command + " failed: " + describe(failure));
        return debug ? what : what + trace(failure);
    }

    /** The error at the root of it, whichever thread it comes from. */
    private static Optional<OutOfMemoryError> outOfMemory(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
            if (cause instanceof OutOfMemoryError error) {
                return Optional.of(error);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /** What native memory lacks says the error itself; Java's heap is another limit. */
    private static String outOfMemory(OutOfMemoryError error) {
        String what = String.valueOf(error.getMessage());
        boolean isHeap = what.startsWith("Java heap space")
                || what.startsWith("GC overhead limit")
                || what.startsWith("Requested array size");
        return "out of memory: " + what
                + (isHeap
                        ? ", of which there are " + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MB; RLHF4J_JAVA_OPTS=-Xmx4g gives more, or use shorter rows and smaller batches; a run goes on with --resume"
                        : "");
    }

    private static String describe(Throwable failure) {
        if (failure instanceof ExceptionInInitializerError && failure.getCause() != null) {
            return describe(failure.getCause()); // a native library that cannot be unpacked or loaded
        }
        if (failure instanceof LinkageError) {
            return nativeLibraries(failure);
        }
        String message = failure.getMessage();
        String name = failure.getClass().getSimpleName();
        if (failure.getCause() instanceof IOException cause
                && failure instanceof UncheckedIOException
                && message != null) {
            return FileFailure.said(message, cause);
        }
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
            Path file = Files.createTempFile(PREFIX, ".txt"); // nobody else may read it
            removeOld(file.toAbsolutePath().getParent());
            Files.writeString(file, text.toString());
            return " (the full trace is in " + file + ")";
        } catch (IOException e) {
            return " (run it again with RLHF4J_DEBUG=1 for the full trace)";
        }
    }

    /** Keeps the newest traces; those of other people, which cannot be removed, are theirs to keep. */
    private static void removeOld(@Nullable Path folder) throws IOException {
        if (folder == null) {
            return;
        }
        String user = System.getProperty("user.name");
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> traces = files.filter(
                            file -> String.valueOf(file.getFileName()).matches(PREFIX + "[0-9]+\\.txt"))
                    .filter(file -> isOf(file, user))
                    .sorted(Comparator.comparingLong(
                                    (Path file) -> file.toFile().lastModified())
                            .reversed())
                    .toList();
            for (Path old : traces.subList(Math.min(KEPT, traces.size()), traces.size())) {
                Files.deleteIfExists(old);
            }
        }
    }

    private static boolean isOf(Path file, String user) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).getName().equals(user);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
