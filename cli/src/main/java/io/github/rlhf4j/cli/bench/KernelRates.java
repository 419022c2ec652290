package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.ModelConfig;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast each kernel runs alone, repeated on the same operands, so with those that fit in the cache.
 *
 * @param machine the machine's rates, measured around it
 * @param kernels in the order of {@link KernelCalls}
 */
public record KernelRates(MachineRates machine, List<Kernel> kernels) implements BenchResult {
    /** One call: its median in seconds, and its work. */
    record Kernel(String name, String call, double seconds, double flops, double bytes) {}

    /** @param seconds to measure for, all kernels together, and to warm up for, or longer if the compiler needs it */
    public static KernelRates measure(ModelConfig config, Kernels kernels, double seconds) {
        KernelMeter meter = new KernelMeter(kernels);
        MachineRates before = MachineRates.measure(kernels);
        List<Kernel> rates = new ArrayList<>();
        try (KernelCalls calls = new KernelCalls(config, meter.kernels())) {
            double each = seconds / calls.calls().size();
            warmUp(calls.calls().values(), each);
            calls.calls().forEach((name, call) -> {
                meter.reset();
                List<Double> times = Measurement.repeat(each, call);
                String kind = meter.tallies().keySet().iterator().next();
                rates.add(new Kernel(
                        name,
                        kind,
                        Measurement.median(times),
                        meter.flops() / times.size(),
                        meter.bytes() / times.size()));
            });
        }
        return new KernelRates(before.or(MachineRates.measure(kernels)), List.copyOf(rates));
    }

    /** Repeats all calls until the compiler is at work for less than a tenth of the time, or ten times. */
    private static void warmUp(Collection<Runnable> calls, double each) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        double share = 1;
        for (int pass = 0; pass < 10 && share > 0.1; pass++) {
            long start = System.nanoTime();
            long before = compiler.getTotalCompilationTime();
            calls.forEach(call -> Measurement.repeat(each, call));
            share = 1e6 * (compiler.getTotalCompilationTime() - before) / (System.nanoTime() - start);
        }
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(Locale.ROOT, "%9s %8s %6s %7s %6s  kernel%n", "us", "GFLOP/s", "sgemm", "GB/s", "reads"));
        for (Kernel kernel : kernels) {
            boolean counted = kernel.flops > 0;
            text.append(String.format(
                    Locale.ROOT,
                    "%9.1f %8s %6s %7.1f %5.0f%%  %s, %s%n",
                    1e6 * kernel.seconds,
                    counted ? String.format(Locale.ROOT, "%.1f", kernel.flops / kernel.seconds / 1e9) : "",
                    counted ? String.format(Locale.ROOT, "%.0f%%", 100 * shareOfSgemm(kernel)) : "",
                    kernel.bytes / kernel.seconds / 1e9,
                    100 * shareOfBandwidth(kernel),
                    kernel.name,
                    kernel.call));
        }
        return text.append(machine.text()).append(System.lineSeparator()).toString();
    }

    private double shareOfSgemm(Kernel kernel) {
        return kernel.flops / kernel.seconds / machine.flops();
    }

    /** Above 1 where the operands are in the cache. */
    private double shareOfBandwidth(Kernel kernel) {
        return kernel.bytes / kernel.seconds / machine.bytes();
    }

    @Override
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sgemm_flops_per_second", machine.flops());
        json.put("read_bytes_per_second", machine.bytes());
        Map<String, Object> each = new LinkedHashMap<>();
        for (Kernel kernel : kernels) {
            each.put(
                    kernel.name,
                    Map.of(
                            "call", kernel.call,
                            "seconds", kernel.seconds,
                            "flops", kernel.flops,
                            "bytes", kernel.bytes,
                            "share_of_sgemm", shareOfSgemm(kernel),
                            "share_of_bandwidth", shareOfBandwidth(kernel)));
        }
        json.put("calls", each);
        return json;
    }
}
