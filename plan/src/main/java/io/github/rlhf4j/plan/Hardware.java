package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What computes.
 *
 * @param name for the reader
 * @param source of the numbers
 * @param devices how many
 * @param peak operations a second of one, with 16-bit numbers
 * @param float32Peak the same with float32 ones
 * @param utilization the share of the peak that training reaches
 * @param memory bytes of one device
 * @param bandwidth of its memory, bytes a second
 * @param watts of one device
 * @param price of one device for an hour
 */
public record Hardware(
        String name,
        String source,
        long devices,
        double peak,
        double float32Peak,
        double utilization,
        OptionalDouble memory,
        OptionalDouble bandwidth,
        OptionalDouble watts,
        OptionalDouble price) {
    private static final JsonNode TABLE = Data.read("hardware.json");
    private static final double USUAL = TABLE.path("utilization").path("value").asDouble();

    public Hardware {
        Checks.positive("--devices", devices);
        Checks.positive("--peak", peak);
        Checks.positive("--peak", float32Peak);
        Checks.positive("--utilization", utilization);
        Checks.require(utilization <= 1, "--utilization must be in (0, 1], but is " + utilization);
        watts.ifPresent(value -> Checks.positive("--watts", value));
        price.ifPresent(value -> Checks.positive("--price", value));
    }

    /** Names of the table. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        TABLE.path("devices").forEach(device -> names.add(device.path("name").asText()));
        return names;
    }

    /**
     * A device of the table.
     *
     * @throws UserError where there is none of that name
     */
    public static Hardware named(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replace(" ", "").replaceFirst("^tpuv", "tpu-v");
        for (JsonNode device : TABLE.path("devices")) {
            if (device.path("name").asText().equals(plain)) {
                return new Hardware(
                        plain,
                        device.path("source").asText(),
                        1,
                        device.path("flops").asDouble(),
                        device.path("float32_flops").asDouble(),
                        USUAL,
                        OptionalDouble.of(device.path("memory").asDouble()),
                        OptionalDouble.of(device.path("bandwidth").asDouble()),
                        OptionalDouble.of(device.path("watts").asDouble()),
                        OptionalDouble.empty());
            }
        }
        throw new UserError("--hardware \"" + name + "\" is not known" + Suggestion.phrase(plain, names())
                + "; it must be here, which measures this machine, or one of " + String.join(", ", names())
                + "; or give --peak in TFLOP/s instead");
    }

    /** A device of that peak. */
    public static Hardware of(double peak) {
        return new Hardware(
                "given",
                "--peak",
                1,
                peak,
                peak,
                USUAL,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    /** Operations a second of all devices as they are reached. */
    double reached(Precision precision) {
        return devices * utilization * (precision == Precision.FLOAT32 ? float32Peak : peak);
    }

    /** The same with what is given instead. */
    public Hardware with(
            long howMany,
            OptionalDouble otherPeak,
            OptionalDouble otherUtilization,
            OptionalDouble otherWatts,
            OptionalDouble otherPrice) {
        return new Hardware(
                name,
                source,
                howMany,
                otherPeak.orElse(peak),
                otherPeak.orElse(float32Peak),
                otherUtilization.orElse(utilization),
                memory,
                bandwidth,
                otherWatts.isPresent() ? otherWatts : watts,
                otherPrice.isPresent() ? otherPrice : price);
    }
}
