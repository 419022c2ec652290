package io.github.rlhf4j.pipeline.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Energy that the machine takes. Linux tells what the processor's packages have taken (RAPL, counters in microjoules that begin again at their range; since 2020 only to root); elsewhere a given power of a busy core times the processor time of this process.
 * A package's counter is of all that runs on it.
 */
public final class EnergyMeter {
    /** Where Linux has its counters. */
    public static final Path POWERCAP = Path.of("/sys/class/powercap");

    private static final double MICRO = 1e-6;
    private static final double NANO = 1e-9;

    /** A package's counter. */
    private record Counter(Path energy, double range) {
        double joules() throws IOException {
            return number(energy) * MICRO;
        }

        static double number(Path file) throws IOException {
            return Double.parseDouble(Files.readString(file).strip());
        }
    }

    private final List<Counter> counters;
    private final double watts;

    private EnergyMeter(List<Counter> counters, double watts) {
        this.counters = counters;
        this.watts = watts;
    }

    /** @param watts of a core while it works, taken where no counter can be read; 0 where it is not known */
    public static EnergyMeter of(Path powercap, double watts) {
        return new EnergyMeter(counters(powercap), watts);
    }

    private static List<Counter> counters(Path powercap) {
        List<Counter> counters = new ArrayList<>();
        try (DirectoryStream<Path> zones = Files.newDirectoryStream(powercap, "*-rapl:*")) {
            for (Path zone : zones) {
                if (Files.readString(zone.resolve("name"))
                        .startsWith("package")) { // not its cores and memory, which are parts of it
                    Counter counter = new Counter(
                            zone.resolve("energy_uj"), Counter.number(zone.resolve("max_energy_range_uj")) * MICRO);
                    counter.joules();
                    counters.add(counter);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return List.of(); // not Linux, no such processor, or not for this user
        }
        Collections.sort(counters, (first, second) -> first.energy().compareTo(second.energy()));
        return counters;
    }

    /** Whether it can say anything: a counter can be read, or the power is given. */
    public boolean isKnown() {
        return !counters.isEmpty() || watts > 0;
    }

    /** Where its figures are from. */
    public String source() {
        return counters.isEmpty() ? watts + " W a core, assumed" : "RAPL";
    }

    /** What {@code work} takes. */
    public Reading read(Runnable work) {
        Span span = begin();
        work.run();
        return span.end();
    }

    /** Begins to count. */
    public Span begin() {
        return new Span();
    }

    /** Energy from a moment on. Not for several threads at once. */
    public final class Span {
        private final double processorBefore = processorSeconds();
        private final long start = System.nanoTime();
        private double[] last = joules();
        private double counted;

        private Span() {}

        /** Reads the counters, which must happen more often than they begin again: every few minutes. */
        public void sample() {
            double[] now = joules(last);
            for (int i = 0; i < now.length; i++) {
                double taken = now[i] - last[i];
                counted += taken < 0 ? taken + counters.get(i).range() : taken;
            }
            last = now;
        }

        /** All since it began. */
        public Reading end() {
            sample();
            double processorSeconds = processorSeconds() - processorBefore;
            return new Reading(
                    (System.nanoTime() - start) * NANO,
                    processorSeconds,
                    counters.isEmpty() ? watts * processorSeconds : counted);
        }
    }

    /** Of this process, all of its threads. */
    private static double processorSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ofNanos(System.nanoTime())) // of a system that does not tell the time itself
                        .toNanos()
                * NANO;
    }

    private double[] joules() {
        return joules(new double[counters.size()]);
    }

    /** @param last what a counter that cannot be read now is taken to have */
    private double[] joules(double[] last) {
        double[] joules = last.clone();
        for (int i = 0; i < joules.length; i++) {
            try {
                joules[i] = counters.get(i).joules();
            } catch (IOException | NumberFormatException e) {
                joules[i] = last[i]; // a run does not end for that
            }
        }
        return joules;
    }

    /**
     * What was read.
     *
     * @param seconds that passed
     * @param processorSeconds of this process
     */
    public record Reading(double seconds, double processorSeconds, double joules) {
        private static final double JOULES_OF_A_KWH = 3.6e6;

        /** Kilowatt-hours. */
        public double kwh() {
            return joules / JOULES_OF_A_KWH;
        }
    }
}
