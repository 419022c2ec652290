package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.train.Progress;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Progress as text: what, done of total, rate, time left; first shown after two seconds. */
final class ProgressLine implements Progress {
    private static final double FIRST_SECONDS = 2;
    private static final double TERMINAL_SECONDS = 0.2;
    private static final double PLAIN_SECONDS = 60;

    private final Terminal terminal;
    private final String what;
    private final long total;
    private final String unit;
    private final LongSupplier nanoTime;
    private final long start;
    private long done;
    private double nextShown;

    ProgressLine(Terminal terminal, String what, long total, String unit, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.what = what;
        this.total = total;
        this.unit = unit;
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.nextShown = terminal.isInteractive() ? FIRST_SECONDS : PLAIN_SECONDS;
    }

    @Override
    public synchronized void advance(long units) {
        done += units;
        double seconds = (nanoTime.getAsLong() - start) / 1e9;
        if (seconds >= nextShown) {
            terminal.showProgress(text(seconds));
            nextShown = seconds + (terminal.isInteractive() ? TERMINAL_SECONDS : PLAIN_SECONDS);
        }
    }

    String text(double seconds) {
        double rate = done / Math.max(seconds, 1e-9);
        StringBuilder text = new StringBuilder("  %s: %d".formatted(what, done));
        if (total > 0) {
            text.append("/").append(total);
        }
        text.append(" ").append(unit).append(String.format(Locale.ROOT, ", %.3g/s", rate));
        if (total > done && done > 0) {
            text.append(", ").append(duration((total - done) / rate)).append(" left");
        }
        return text.toString();
    }

    private static String duration(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60
                ? whole + " s"
                : whole < 3600
                        ? "%d min %02d s".formatted(whole / 60, whole % 60)
                        : "%d h %02d min".formatted(whole / 3600, whole / 60 % 60);
    }

    @Override
    public void close() {
        terminal.clearBar();
    }
}
