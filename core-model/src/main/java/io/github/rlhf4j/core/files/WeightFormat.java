package io.github.rlhf4j.core.files;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a model's weights are written.
 *
 * @param type F32, or BF16 (rounded to nearest, ties to even)
 * @param maxShardBytes weights larger than this are cut into files of at most this size, > 0; a single tensor never is
 */
public record WeightFormat(FloatType type, long maxShardBytes) {
    /** Float32 in files of at most 5 GB, as transformers cuts them. */
    public static final WeightFormat DEFAULT = new WeightFormat(FloatType.F32, 5_000_000_000L);

    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})\\s*([KMG]I?B)");
    private static final Map<String, Long> UNITS = Map.of(
            "KB", 1_000L, "MB", 1_000_000L, "GB", 1_000_000_000L, "KIB", 1L << 10, "MIB", 1L << 20, "GIB", 1L << 30);

    public WeightFormat {
        if (type != FloatType.F32 && type != FloatType.BF16) {
            throw new IllegalArgumentException("weights are written as F32 or BF16, not " + type);
        }
        if (maxShardBytes <= 0) {
            throw new IllegalArgumentException("maxShardBytes must be > 0, but is " + maxShardBytes);
        }
    }

    /** Bytes of a size as transformers writes it, {@code 5GB} or {@code 200MiB}; empty where it is not one. */
    public static OptionalLong bytes(String size) {
        Matcher matcher = SIZE.matcher(size.toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(matcher.group(1)) * UNITS.getOrDefault(matcher.group(2), 1L));
    }
}
