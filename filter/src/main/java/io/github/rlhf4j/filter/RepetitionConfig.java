package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How much a text may repeat itself; each limit is off unless given. Names are datatrove's.
 *
 * @param dupLineFrac share of lines that occurred before, in [0, 1]
 * @param dupParaFrac share of paragraphs that occurred before
 * @param dupLineCharFrac share of characters in lines that occurred before
 * @param dupParaCharFrac share of characters in paragraphs that occurred before
 * @param topNGrams by n: share of characters that the most frequent n-gram of words covers
 * @param dupNGrams by n: share of characters in n-grams of words that occurred before
 */
public record RepetitionConfig(
        OptionalDouble dupLineFrac,
        OptionalDouble dupParaFrac,
        OptionalDouble dupLineCharFrac,
        OptionalDouble dupParaCharFrac,
        Map<String, Double> topNGrams,
        Map<String, Double> dupNGrams)
        implements ConfigGroup {
    /** All off. */
    public static final RepetitionConfig NONE = new RepetitionConfig(
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Map.of(),
            Map.of());

    public RepetitionConfig {
        topNGrams = Collections.unmodifiableMap(new TreeMap<>(topNGrams));
        dupNGrams = Collections.unmodifiableMap(new TreeMap<>(dupNGrams));
        ShapeConfig.share("dup_line_frac", dupLineFrac);
        ShapeConfig.share("dup_para_frac", dupParaFrac);
        ShapeConfig.share("dup_line_char_frac", dupLineCharFrac);
        ShapeConfig.share("dup_para_char_frac", dupParaCharFrac);
        check("top_n_grams", topNGrams);
        check("dup_n_grams", dupNGrams);
    }

    private static void check(String key, Map<String, Double> shares) {
        shares.forEach((n, share) -> {
            checkConfig(
                    n.matches("[1-9][0-9]?"),
                    key,
                    shares,
                    "must be a map from n, 1 to 99, to a share, such as {2: 0.2}");
            checkConfig(share >= 0 && share <= 1, key, shares, "must have shares in [0, 1]");
        });
    }

    /** This, and where nothing is given {@code preset}; of n-grams size by size. */
    RepetitionConfig or(RepetitionConfig preset) {
        return new RepetitionConfig(
                Given.or(dupLineFrac, preset.dupLineFrac),
                Given.or(dupParaFrac, preset.dupParaFrac),
                Given.or(dupLineCharFrac, preset.dupLineCharFrac),
                Given.or(dupParaCharFrac, preset.dupParaCharFrac),
                merged(topNGrams, preset.topNGrams),
                merged(dupNGrams, preset.dupNGrams));
    }

    private static Map<String, Double> merged(Map<String, Double> given, Map<String, Double> preset) {
        Map<String, Double> merged = new TreeMap<>(preset);
        merged.putAll(given);
        return merged;
    }
}
