package io.github.rlhf4j.cli.terminal;

import java.util.concurrent.atomic.AtomicBoolean;

/** A run from its start to its end: where the process ends in between, the last line says how to continue. */
public final class UnfinishedRun implements AutoCloseable {
    private final Terminal terminal;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();

    public UnfinishedRun(Terminal terminal) {
        this.terminal = terminal;
    }

    /** There is something to continue from now on. */
    public void begin() {
        isUnderWay.set(true);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (isUnderWay.get()) {
                terminal.line("rlhf4j: stopped; continue with --resume");
            }
        }));
    }

    @Override
    public void close() {
        isUnderWay.set(false);
    }
}
