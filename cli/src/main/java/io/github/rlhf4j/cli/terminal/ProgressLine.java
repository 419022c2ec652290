package io.github.rlhf4j.cli.terminal;

import io.github.rlhf4j.core.stage.Progress;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Progress as text: what, done of total, numbers, rate, time left. On a terminal it is drawn over itself from two seconds on; elsewhere it is a line a minute, or one whenever {@link #report} finds the last
 * one more than a second old.
 */
final class ProgressLine implements Progress {
    private static final double FIRST_SECONDS = 2;
    private static final double TERMINAL_SECONDS = 0.2;
    private static final double PLAIN_SECONDS = 60;
    private static final double REPORT_SECONDS = 1;

    private final Terminal terminal;
    private final String what;
    private final long total;
    private final String unit;
    private final LongSupplier nanoTime;
    private final long start;
    private long before;
    private long done;
    private Supplier<String> numbers = () -> "";
    private double nextShown;
    private double nextReported = REPORT_SECONDS;

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
    public synchronized void startAt(long units) {
        before = units;
    }

    @Override
    public void advance(long units) {
        advance(units, () -> "");
    }

    @Override
    public synchronized void advance(long units, Supplier<String> newNumbers) {
        done += units;
        numbers = newNumbers;
        double seconds = seconds();
        if (seconds >= nextShown) {
            terminal.showProgress(text(seconds));
            nextShown = seconds + (terminal.isInteractive() ? TERMINAL_SECONDS : PLAIN_SECONDS);
        }
    }

    @Override
    public synchronized void report() {
        double seconds = seconds();
        if (seconds < nextReported) {
            return;
        }
        nextReported = seconds + REPORT_SECONDS;
        if (terminal.isInteractive()) {
            terminal.log(text(seconds));
        } else {
            nextShown = seconds + PLAIN_SECONDS;
            terminal.showProgress(text(seconds));
        }
    }

    private double seconds() {
        return (nanoTime.getAsLong() - start) / 1e9;
    }

    String text(double seconds) {
        double rate = done / Math.max(seconds, 1e-9);
        long reached = before + done;
        StringBuilder text = new StringBuilder("  %s  %d".formatted(what, reached));
        if (total > 0) {
            text.append("/").append(total);
        }
        String shown = numbers.get();
        if (!shown.isEmpty()) {
            text.append(" | ").append(shown);
        }
        text.append(" | ").append(rate(rate));
        if (total > reached && done > 0) {
            text.append(" | ").append(duration((total - reached) / rate)).append(" left");
        }
        return text.toString();
    }

    /** Units a second, or seconds a unit where they are longer. */
    private String rate(double rate) {
        if (rate > 0 && rate < 1) {
            String one = unit.endsWith("s") ? unit.substring(0, unit.length() - 1) : unit;
            return number(1 / rate) + " s/" + one;
        }
        return number(rate) + " " + unit + "/s";
    }

    /** Three significant digits. */
    private static String number(double value) {
        int decimals = value <= 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(value)));
        String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
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
