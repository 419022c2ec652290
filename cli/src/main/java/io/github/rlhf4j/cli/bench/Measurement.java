package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.process.JavaHeap;
import io.github.rlhf4j.core.process.ResidentMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Repetitions of one piece of work: some that are timed as a whole, others in which every call of a kernel is timed, which takes time itself.
 *
 * @param what one line
 * @param tokens of one repetition
 * @param seconds of each repetition timed as a whole
 * @param meteredSeconds of a repetition in which calls are timed, on average
 * @param machine the machine's rates, measured around it
 * @param sgemmMeanwhile operations a second of the same product of matrices, run between repetitions; the median, which is lower than the best the busier the machine is with something else
 * @param calls of kernels in one repetition
 * @param flops of one repetition
 * @param bytes of operands in one repetition
 * @param heapBytes allocated on Java's heap in a repetition, by all threads; the median, since in the first ones the compiler may still be at work
 * @param peakBytes resident memory at its highest
 * @param parts kinds of kernel calls, the longest first
 */
public record Measurement(
        String what,
        double tokens,
        List<Double> seconds,
        double meteredSeconds,
        MachineRates machine,
        double sgemmMeanwhile,
        double calls,
        double flops,
        double bytes,
        double heapBytes,
        long peakBytes,
        List<Part> parts)
        implements BenchResult {
    /** One kind of kernel call, in one repetition. */
    record Part(String name, boolean product, double calls, double seconds, double flops, double bytes) {}

    /** Repeats {@code work} for about {@code secondsWanted}, after as long a warm-up, at least three times, and then for half as long with its kernels timed. */
    static Measurement of(String what, double tokens, KernelMeter meter, double secondsWanted, Runnable work) {
        MachineRates before = MachineRates.measure(meter.kernels());
        ResidentMemory.resetPeak();
        repeat(secondsWanted, work);
        long peakBytes = ResidentMemory.peak();
        meter.pause(true);
        List<Double> seconds;
        double heapBytes;
        double sgemmMeanwhile;
        try (SgemmProbe probe = new SgemmProbe(meter.kernels())) {
            List<Double> allocations = new ArrayList<>();
            AtomicLong last = new AtomicLong(JavaHeap.allocated());
            seconds = repeat(secondsWanted, work, () -> {
                allocations.add((double) (JavaHeap.allocated() - last.get()));
                probe.sample();
                last.set(JavaHeap.allocated());
            });
            heapBytes = median(allocations);
            sgemmMeanwhile = probe.flops();
        }
        ResidentMemory.resetPeak();
        meter.pause(false);
        meter.reset();
        List<Double> metered = repeat(secondsWanted / 2, work);
        List<Part> parts = parts(meter, metered.size());
        double calls = (double) meter.calls() / metered.size();
        double flops = meter.flops() / metered.size();
        double bytes = meter.bytes() / metered.size();
        peakBytes = Math.max(peakBytes, ResidentMemory.peak());
        MachineRates machine = before.or(MachineRates.measure(meter.kernels()));
        return new Measurement(
                what,
                tokens,
                seconds,
                mean(metered),
                machine,
                sgemmMeanwhile,
                calls,
                flops,
                bytes,
                heapBytes,
                peakBytes,
                parts);
    }

    /** Seconds of each of the repetitions that fit in {@code secondsWanted}, at least three. */
    static List<Double> repeat(double secondsWanted, Runnable work) {
        return repeat(secondsWanted, work, () -> {});
    }

    /** @param between runs, untimed, after each repetition */
    private static List<Double> repeat(double secondsWanted, Runnable work, Runnable between) {
        List<Double> seconds = new ArrayList<>();
        long begin = System.nanoTime();
        while (seconds.size() < 3 || (System.nanoTime() - begin) / 1e9 < secondsWanted) {
            long start = System.nanoTime();
            work.run();
            seconds.add((System.nanoTime() - start) / 1e9);
            between.run();
        }
        return seconds;
    }

    private static List<Part> parts(KernelMeter meter, double repetitions) {
        List<Part> parts = new ArrayList<>();
        meter.tallies()
                .forEach((name, tally) -> parts.add(new Part(
                        name,
                        tally.product(),
                        tally.calls() / repetitions,
                        tally.seconds() / repetitions,
                        tally.flops() / repetitions,
                        tally.bytes() / repetitions)));
        parts.sort(Comparator.comparingDouble(Part::seconds).reversed());
        return parts;
    }

    /** The median repetition, in seconds. */
    double median() {
        return median(seconds);
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static double mean(List<Double> seconds) {
        return seconds.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /** Seconds of a repetition in which no kernel was at work, those that timing takes included. */
    private double between() {
        return meteredSeconds - parts.stream().mapToDouble(Part::seconds).sum();
    }

    /** One line. */
    public String headline() {
        return String.format(Locale.ROOT, "%s: %.0f tokens/s", what, tokens / median());
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s", what);
        line(
                text,
                "  %.0f tokens/s: %.2f ms (median of %d, %.2f to %.2f) for %.0f tokens",
                tokens / median(),
                1e3 * median(),
                seconds.size(),
                1e3 * seconds.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                1e3 * seconds.stream().mapToDouble(Double::doubleValue).max().orElse(0),
                tokens);
        line(
                text,
                "  %.2f GFLOP at %.1f GFLOP/s: %.0f %% of the %.1f of sgemm here and now, %.0f %% of the %.1f that it reached between repetitions; %.2f GB of operands at %.1f GB/s, reads alone run at %.1f",
                flops / 1e9,
                flops / median() / 1e9,
                100 * flops / median() / machine.flops(),
                machine.flops() / 1e9,
                100 * flops / median() / sgemmMeanwhile,
                sgemmMeanwhile / 1e9,
                bytes / 1e9,
                bytes / median() / 1e9,
                machine.bytes() / 1e9);
        line(
                text,
                "  %.0f MiB resident at most; %.0f kernel calls, %.0f bytes of Java's heap a token",
                peakBytes / 1048576.0,
                calls,
                heapBytes / tokens);
        line(text, "  each call timed, which takes time itself: %.2f ms", 1e3 * meteredSeconds);
        line(text, "  %9s %6s %7s %9s %7s  %s", "ms", "share", "calls", "GFLOP/s", "GB/s", "part");
        for (Map.Entry<String, Part> group : groups().entrySet()) {
            line(text, group.getValue(), group.getKey());
        }
        line(
                text,
                "  %9.3f %5.1f%% %7s %9s %7s  between kernels",
                1e3 * between(),
                100 * between() / meteredSeconds,
                "",
                "",
                "");
        for (Part part : parts) {
            if (part.product()) {
                line(text, part, part.name());
            }
        }
        return text.toString();
    }

    /** All products as one, the others by kind. */
    private Map<String, Part> groups() {
        Map<String, Part> groups = new LinkedHashMap<>();
        for (Part part : parts) {
            groups.merge(
                    part.product() ? "all products" : part.name(),
                    part,
                    (a, b) -> new Part(
                            a.name(),
                            a.product(),
                            a.calls() + b.calls(),
                            a.seconds() + b.seconds(),
                            a.flops() + b.flops(),
                            a.bytes() + b.bytes()));
        }
        return groups;
    }

    private void line(StringBuilder text, Part part, String name) {
        line(
                text,
                "  %9.3f %5.1f%% %7.0f %9s %7.1f  %s",
                1e3 * part.seconds(),
                100 * part.seconds() / meteredSeconds,
                part.calls(),
                part.flops() == 0 ? "" : String.format(Locale.ROOT, "%.1f", part.flops() / part.seconds() / 1e9),
                part.bytes() / part.seconds() / 1e9,
                name);
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("what", what);
        json.put("tokens_per_second", tokens / median());
        json.put("seconds", median());
        json.put("repetitions", seconds.size());
        json.put("metered_seconds", meteredSeconds);
        json.put("tokens", tokens);
        json.put("flops", flops);
        json.put("bytes", bytes);
        json.put("kernel_calls", calls);
        json.put("heap_bytes", heapBytes);
        json.put("share_of_sgemm", flops / median() / machine.flops());
        json.put("share_of_sgemm_meanwhile", flops / median() / sgemmMeanwhile);
        json.put("share_of_bandwidth", bytes / median() / machine.bytes());
        json.put("sgemm_flops_per_second", machine.flops());
        json.put("sgemm_meanwhile_flops_per_second", sgemmMeanwhile);
        json.put("read_bytes_per_second", machine.bytes());
        json.put("peak_rss_bytes", peakBytes);
        Map<String, Object> each = new TreeMap<>();
        for (Part part : parts) {
            each.put(
                    part.name(),
                    Map.of(
                            "seconds", part.seconds(),
                            "calls", part.calls(),
                            "flops", part.flops(),
                            "bytes", part.bytes()));
        }
        json.put("parts", each);
        return json;
    }
}
