package io.github.rlhf4j.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;

/**
 * Gives {@link System#err} the descriptor that the launcher names in {@code rlhf4j.stderr}: the caller's own standard error, while descriptor 2 leads to a
 * filter that drops the JVM's greeting about incubator modules. Writing through the descriptor, and not through a file opened by its name, keeps the position
 * that standard output may share with it.
 */
public final class StandardError {
    private StandardError() {}

    public static void restore() {
        Integer descriptor = Integer.getInteger("rlhf4j.stderr");
        if (descriptor == null) {
            return;
        }
        try {
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            FileOutputStream stream = new FileOutputStream(constructor.newInstance(descriptor));
            System.setErr(new PrintStream(stream, true, StandardCharsets.UTF_8));
        } catch (ReflectiveOperationException | RuntimeException e) {
            // The filter serves too: only the order against standard output is less certain.
            System.clearProperty("rlhf4j.stderr");
        }
    }
}
