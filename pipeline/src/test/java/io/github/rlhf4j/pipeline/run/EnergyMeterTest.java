package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Energy by the processor's counters where they can be read, else by power and time. */
class EnergyMeterTest {
    private static void zone(Path folder, String zone, String name, long energy) throws IOException {
        Path own = Files.createDirectories(folder.resolve(zone));
        Files.writeString(own.resolve("name"), name + "\n");
        Files.writeString(own.resolve("energy_uj"), energy + "\n");
        Files.writeString(own.resolve("max_energy_range_uj"), "1000000000\n");
    }

    private static void set(Path folder, String zone, long energy) {
        try {
            Files.writeString(folder.resolve(zone).resolve("energy_uj"), energy + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Linux names its counters with a colon")
    void addsPackagesAndHeedsCountersThatBeginAgain(@TempDir Path folder) throws IOException {
        zone(folder, "intel-rapl:0", "package-0", 5_000_000);
        zone(folder, "intel-rapl:1", "package-1", 999_000_000);
        zone(folder, "intel-rapl:0:0", "core", 0);
        zone(folder, "intel-rapl:2", "psys", 0);
        EnergyMeter meter = EnergyMeter.of(folder, 30);

        EnergyMeter.Reading reading = meter.read(() -> {
            set(folder, "intel-rapl:0", 9_000_000); // 4 J
            set(folder, "intel-rapl:1", 2_000_000); // 1 J to the range, 2 J after it
            set(folder, "intel-rapl:0:0", 3_000_000);
            set(folder, "intel-rapl:2", 8_000_000);
        });

        assertThat(reading.joules()).isCloseTo(7, within(1e-9));
        assertThat(reading.kwh()).isCloseTo(7 / 3.6e6, within(1e-15));
        assertThat(meter.source()).isEqualTo("RAPL");
    }

    @Test
    void takesTheGivenPowerWhereThereIsNoCounter(@TempDir Path folder) {
        EnergyMeter meter = EnergyMeter.of(folder.resolve("none"), 50);

        EnergyMeter.Reading reading = meter.read(() -> {});

        assertThat(meter.source()).isEqualTo("50.0 W a core, assumed");
        assertThat(reading.joules()).isCloseTo(50 * reading.processorSeconds(), within(1e-12));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Linux names its counters with a colon")
    void samplesFindEachTimeThatACounterBeginsAgain(@TempDir Path folder) throws IOException {
        zone(folder, "intel-rapl:0", "package-0", 900_000_000); // of a range of 1,000 J
        EnergyMeter.Span span = EnergyMeter.of(folder, 0).begin();

        set(folder, "intel-rapl:0", 400_000_000); // 500 J
        span.sample();
        set(folder, "intel-rapl:0", 950_000_000); // 550 J
        span.sample();
        set(folder, "intel-rapl:0", 50_000_000); // 100 J

        assertThat(span.end().joules()).isCloseTo(1150, within(1e-6));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Linux names its counters with a colon")
    void aCounterThatIsGoneMeanwhileEndsNothing(@TempDir Path folder) throws IOException {
        zone(folder, "intel-rapl:0", "package-0", 1_000_000);
        EnergyMeter.Span span = EnergyMeter.of(folder, 0).begin();
        set(folder, "intel-rapl:0", 3_000_000);
        span.sample();
        Files.delete(folder.resolve("intel-rapl:0/energy_uj"));

        assertThat(span.end().joules()).isCloseTo(2, within(1e-9));
    }

    @Test
    void saysNothingWithoutCounterOrPower(@TempDir Path folder) {
        assertThat(EnergyMeter.of(folder.resolve("none"), 0).isKnown()).isFalse();
        assertThat(EnergyMeter.of(folder.resolve("none"), 8).isKnown()).isTrue();
    }
}
