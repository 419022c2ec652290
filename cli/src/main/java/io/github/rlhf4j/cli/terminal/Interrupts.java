package io.github.rlhf4j.cli.terminal;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.function.IntConsumer;

/** Ctrl-C, and other signals, as something else than the program's end. */
public final class Interrupts {
    /** The signals that end programs, with the exit codes that then are usual. */
    private static final Map<String, Integer> CODES = Map.of("INT", 130, "TERM", 143, "HUP", 129);

    private Interrupts() {}

    /** Calls {@code action} at every Ctrl-C, in a thread of its own; where the JVM has no such thing, Ctrl-C ends the program as ever. */
    public static void handle(Runnable action) {
        handle("INT", action);
    }

    /** Calls {@code action} with the exit code at every signal that would end the program: Ctrl-C, TERM, HUP. */
    public static void handleEnds(IntConsumer action) {
        CODES.forEach((name, code) -> handle(name, () -> action.accept(code)));
    }

    /** As the first, for a signal such as {@code TERM}. */
    private static void handle(String name, Runnable action) {
        try { // by reflection, since javac warns of the class, and has no switch for that
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Interrupts.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // the signal ends the program
        }
    }
}
