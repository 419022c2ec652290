package io.github.rlhf4j.cli.terminal;

import io.github.rlhf4j.core.stage.StopRequest;
import java.util.function.IntConsumer;

/** Ctrl-C and the signals that end programs: the first waits for what is worth waiting for, the second ends the program at once. */
public final class StopSignals implements StopRequest {
    private static final int ASKED = 143; // by a file .stop, as by the signal TERM

    private final Terminal terminal;
    private final IntConsumer end;
    private String awaited = "";
    private int code;

    /** @param end ends the process with an exit code */
    public StopSignals(Terminal terminal, IntConsumer end) {
        this.terminal = terminal;
        this.end = end;
    }

    /** Takes the signals from now on. */
    public void take() {
        Interrupts.handleEnds(this::received);
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
            end.accept(newCode);
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

    /** The exit code of the signal that came; that of TERM where none did, and a file in the run's or the experiment's folder asked. */
    public synchronized int code() {
        return code == 0 ? ASKED : code;
    }
}
