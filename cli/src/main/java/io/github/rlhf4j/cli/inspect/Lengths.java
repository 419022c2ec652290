package io.github.rlhf4j.cli.inspect;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lengths: how many, their mean, least and greatest, and how many lie in each interval of powers of two. */
public final class Lengths {
    private static final int WIDEST_BAR = 40;

    private final long[] buckets =
            new long[Integer.SIZE]; // bucket b: lengths whose highest bit is b - 1, so [2^(b-1), 2^b - 1]; 0: length 0
    private long count;
    private long sum;
    private int min = Integer.MAX_VALUE;
    private int max;

    void add(int length) {
        buckets[Integer.SIZE - Integer.numberOfLeadingZeros(length)]++;
        count++;
        sum += length;
        min = Math.min(min, length);
        max = Math.max(max, length);
    }

    /** How many. */
    public long count() {
        return count;
    }

    /** Their mean; NaN where there are none. */
    public double mean() {
        return count == 0 ? Double.NaN : (double) sum / count;
    }

    /** "mean 12.3, 4 to 56". */
    public String summary() {
        return count == 0 ? "none" : String.format(Locale.ROOT, "mean %.1f, %,d to %,d", mean(), min, max);
    }

    /** One line for each interval from the least to the greatest length: the interval, how many, a bar. */
    public List<String> histogram() {
        List<String> lines = new ArrayList<>();
        long most = 1;
        for (long bucket : buckets) {
            most = Math.max(most, bucket);
        }
        int first = Integer.SIZE - Integer.numberOfLeadingZeros(count == 0 ? 0 : min);
        int last = Integer.SIZE - Integer.numberOfLeadingZeros(max);
        for (int b = first; b <= last && count > 0; b++) {
            long from = b == 0 ? 0 : 1L << (b - 1);
            long to = b == 0 ? 0 : (1L << b) - 1;
            int bar = (int) Math.ceil((double) WIDEST_BAR * buckets[b] / most);
            lines.add(String.format(
                            Locale.ROOT,
                            "%,9d - %-9s %,12d %s",
                            from,
                            String.format(Locale.ROOT, "%,d", to),
                            buckets[b],
                            "#".repeat(bar))
                    .stripTrailing());
        }
        return lines;
    }
}
