package io.github.rlhf4j.plan;

import java.util.Locale;

/** Numbers for readers. */
final class Units {
    private static final String[] LARGE = {"", "K", "M", "B", "T"};
    private static final String[] BYTES = {" B", " kB", " MB", " GB", " TB", " PB"};

    private Units() {}

    /** 6,738,415,616. */
    static String exact(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** 6.74B; beyond trillions 8.09e22. */
    static String rounded(double number) {
        if (number >= 1e15) {
            return scientific(number);
        }
        int unit = 0;
        double value = number;
        while (value >= 1000 && unit < LARGE.length - 1) {
            value /= 1000;
            unit++;
        }
        return significant(value) + LARGE[unit];
    }

    static String scientific(double number) {
        return String.format(Locale.ROOT, "%.3g", number).replace("e+", "e");
    }

    static String bytes(double number) {
        int unit = 0;
        double value = number;
        while (value >= 1000 && unit < BYTES.length - 1) {
            value /= 1000;
            unit++;
        }
        return significant(value) + BYTES[unit];
    }

    static String time(double seconds) {
        if (seconds < 1) {
            return significant(1000 * seconds) + " ms";
        }
        if (seconds < 120) {
            return significant(seconds) + " s";
        }
        if (seconds < 7200) {
            return significant(seconds / 60) + " minutes";
        }
        if (seconds < 2 * 86_400) {
            return significant(seconds / 3600) + " hours";
        }
        double days = seconds / 86_400;
        return days < 1000 ? significant(days) + " days" : grouped(days / 365.25) + " years";
    }

    static String percent(double share) {
        return significant(100 * share) + " %";
    }

    /** Three significant digits, or all before the point. */
    static String significant(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 || size == 0 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String grouped(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }
}
