package io.github.rlhf4j.cli.terminal;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The person at the other end: results on standard output, messages on standard error. Progress is drawn on one line of a terminal, and is a plain line a
 * minute elsewhere. Control characters are escaped in messages, and on a terminal in results too.
 */
public final class Terminal implements Console {
    private static final int LONGEST_LINE = 2_000; // characters of a message
    private static final int RED = 31;
    private static final int YELLOW = 33;

    private final PrintStream out;
    private final PrintStream err;
    private final boolean interactive;
    private final boolean colours;
    private boolean barShown;
    private @Nullable RunLog log;

    public Terminal(PrintStream out, PrintStream err) {
        this.out = Boolean.getBoolean("rlhf4j.terminal.out") ? PrintableStream.to(out) : out;
        this.err = err;
        this.interactive = Boolean.getBoolean("rlhf4j.terminal");
        this.colours = interactive
                && variable("NO_COLOR").isEmpty()
                && !variable("TERM").equals("dumb");
    }

    private static String variable(String name) {
        return Objects.requireNonNullElse(System.getenv(name), "");
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    @Override
    public void line(String line) {
        String text = Printable.text(line);
        line(text, text);
    }

    /** A result of other people's files, without what a terminal would take for commands. */
    public void result(String line) {
        out.println(Printable.text(line));
    }

    private synchronized void line(String shown, String logged) {
        clearBar();
        err.println(shown);
        log(logged);
    }

    /** Keeps lines from now on, for the file that {@link #logTo} names. */
    public synchronized void keepLog() {
        log = new RunLog(Clock.systemDefaultZone());
    }

    @Override
    public synchronized void logTo(Path file) {
        if (log != null) {
            log.open(file);
        }
    }

    /** A line for the log alone. */
    synchronized void log(String line) {
        if (log != null) {
            log.add(line);
        }
    }

    @Override
    public void warning(String line) {
        String text = Printable.text(line);
        line(coloured(YELLOW, "warning:") + " " + text, "warning: " + text);
    }

    /** A message that ends the command. */
    public void error(String message) {
        String text = shortened(Printable.text(message));
        line(coloured(RED, "rlhf4j:") + " " + text, "rlhf4j: " + text);
    }

    /** Without what is left of a line of which nobody reads more: a message may quote what a file holds. */
    private static String shortened(String message) {
        if (message.length() <= LONGEST_LINE) {
            return message;
        }
        return message.lines()
                .map(line -> line.length() <= LONGEST_LINE
                        ? line
                        : line.substring(0, LONGEST_LINE / 2) + " ... "
                                + line.substring(line.length() - LONGEST_LINE / 2))
                .collect(Collectors.joining("\n"));
    }

    private String coloured(int colour, String text) {
        return colours ? "\u001b[" + colour + "m" + text + "\u001b[0m" : text;
    }

    /** @throws UncheckedIOException where standard output took not all of it, as on a full disk */
    public void requireWritten() {
        if (out.checkError()) {
            throw new UncheckedIOException("standard output cannot be written", new IOException("is the disk full?"));
        }
    }

    @Override
    public Progress progress(String what, long total, String unit) {
        return new ProgressLine(this, what, total, unit, System::nanoTime);
    }

    /** Shows progress: drawn over the last one on a terminal, as a line of its own elsewhere. */
    synchronized void showProgress(String text) {
        if (interactive) {
            err.print("\r\u001b[K" + Printable.line(text));
            err.flush();
            barShown = true;
        } else {
            line(text);
        }
    }

    public synchronized void clearBar() {
        if (barShown) {
            err.print("\r\u001b[K");
            err.flush();
            barShown = false;
        }
    }

    public boolean isInteractive() {
        return interactive;
    }
}
