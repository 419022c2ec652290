package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.bench.MachineRates;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.plan.Hardware;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/** What computes, on the command line: of a table, given, or this machine. */
final class HardwareFlags {
    private static final String HERE = "here";
    private static final double TERA = 1e12;
    private static final double UTILIZATION_HERE = 0.65; // of sgemm: docs/performance.md

    @Option(
            names = "--hardware",
            paramLabel = "NAME",
            description =
                    "For time and energy: v100, t4, a100, h100, h200, l40s, rtx4090, mi300x, tpu-v4; or here, which measures this machine for two seconds.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--devices", paramLabel = "N", description = "How many (default: 1).")
    private Optional<Long> devices = Optional.empty();

    @Option(names = "--peak", paramLabel = "TFLOPS", description = "Peak of one device, TFLOP/s.")
    private Optional<Double> peak = Optional.empty();

    @Option(
            names = "--utilization",
            paramLabel = "SHARE",
            description = "Share of the peak that is reached (default: 0.4; here 0.65).")
    private Optional<Double> utilization = Optional.empty();

    @Option(names = "--watts", paramLabel = "W", description = "Of one device.")
    private Optional<Double> watts = Optional.empty();

    @Option(names = "--price", paramLabel = "MONEY", description = "Of one device for an hour.")
    private Optional<Double> price = Optional.empty();

    /** What is given; empty where nothing is. */
    Optional<Hardware> hardware(Terminal terminal) {
        if (name.isEmpty() && peak.isEmpty()) {
            if (devices.isPresent() || utilization.isPresent() || watts.isPresent() || price.isPresent()) {
                throw new UserError(
                        "--devices, --utilization, --watts and --price do nothing without --hardware NAME or --peak TFLOPS");
            }
            return Optional.empty();
        }
        Hardware base = name.isEmpty()
                ? Hardware.of(TERA * peak.orElseThrow())
                : name.get().equals(HERE) ? here(terminal) : Hardware.named(name.get());
        return Optional.of(base.with(
                devices.orElse(1L),
                peak.isPresent() ? OptionalDouble.of(TERA * peak.get()) : OptionalDouble.empty(),
                number(utilization),
                number(watts),
                number(price)));
    }

    private static OptionalDouble number(Optional<Double> value) {
        return value.isPresent() ? OptionalDouble.of(value.get()) : OptionalDouble.empty();
    }

    private static Hardware here(Terminal terminal) {
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            MachineRates rates = MachineRates.measure(rlhf4j.kernels());
            return new Hardware(
                    HERE,
                    "products of matrices and reads, measured now, float32",
                    1,
                    rates.flops(),
                    rates.flops(),
                    UTILIZATION_HERE,
                    memory(),
                    OptionalDouble.of(rates.bytes()),
                    OptionalDouble.empty(),
                    OptionalDouble.empty());
        }
    }

    private static OptionalDouble memory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? OptionalDouble.of(system.getTotalMemorySize())
                : OptionalDouble.empty();
    }
}
