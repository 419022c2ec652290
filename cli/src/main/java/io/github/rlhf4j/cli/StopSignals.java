package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.stage.StopRequest;
import java.util.Map;

/** Ctrl-C and the signals that end programs: the first waits for what is worth waiting for, the second ends the program at once. */
final class StopSignals implements StopRequest {
    private static final Map<String, Integer> CODES = Map.of("INT", 130, "TERM", 143, "HUP", 129);

    private final Terminal terminal;
    private String awaited = "";
    private int code;

    StopSignals(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Takes the signals from now on. */
    void take() {
        CODES.forEach((name, newCode) -> Interrupts.handle(name, () -> received(newCode)));
    }

    private void received(int newCode) {
        boolean waits;
        synchronized (this) {
            waits = code == 0 && !awaited.isEmpty();
            code = newCode;
            if (waits) {
                terminal.line(
                        "rlhf4j: " + awaited + " is finished and a checkpoint written first; once more stops at once");
            }
        }
        if (!waits) {
            Main.end(newCode);
        }
    }

    @Override
    public synchronized boolean isRequested() {
        return code != 0;
    }

    @Override
    public synchronized void working(String what) {
        awaited = what;
    }

    @Override
    public synchronized void idle() {
        awaited = "";
    }

    /** The exit code of the signal that came. */
    synchronized int code() {
        return code;
    }
}
