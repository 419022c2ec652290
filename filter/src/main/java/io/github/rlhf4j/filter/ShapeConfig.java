package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Limits of what a text is like; each is off unless given. Names are datatrove's.
 *
 * @param minDocWords words that are more than symbols, >= 0
 * @param maxDocWords the same, >= 1
 * @param minDocCharacters characters, >= 0
 * @param maxDocCharacters characters, >= 1
 * @param minAvgWordLength characters of a word in the mean, >= 0
 * @param maxAvgWordLength the same, > 0
 * @param maxSymbolWordRatio hash signs a word, and ellipses a word, >= 0
 * @param maxBulletLinesRatio share of lines that begin with a bullet, in [0, 1]
 * @param maxEllipsisLinesRatio share of lines that end with an ellipsis, in [0, 1]
 * @param minAlphaWordsRatio share of words with a letter, in [0, 1]
 * @param minStopWords different stop words, >= 0
 * @param stopWords which; empty: Gopher's eight of English
 */
public record ShapeConfig(
        OptionalInt minDocWords,
        OptionalInt maxDocWords,
        OptionalInt minDocCharacters,
        OptionalInt maxDocCharacters,
        OptionalDouble minAvgWordLength,
        OptionalDouble maxAvgWordLength,
        OptionalDouble maxSymbolWordRatio,
        OptionalDouble maxBulletLinesRatio,
        OptionalDouble maxEllipsisLinesRatio,
        OptionalDouble minAlphaWordsRatio,
        OptionalInt minStopWords,
        List<String> stopWords)
        implements ConfigGroup {
    /** All off. */
    public static final ShapeConfig NONE = new ShapeConfig(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            List.of());

    public ShapeConfig {
        stopWords = List.copyOf(stopWords);
        least("min_doc_words", minDocWords, 0);
        least("max_doc_words", maxDocWords, 1);
        least("min_doc_characters", minDocCharacters, 0);
        least("max_doc_characters", maxDocCharacters, 1);
        least("min_stop_words", minStopWords, 0);
        least("min_avg_word_length", minAvgWordLength);
        least("max_avg_word_length", maxAvgWordLength);
        least("max_symbol_word_ratio", maxSymbolWordRatio);
        share("max_bullet_lines_ratio", maxBulletLinesRatio);
        share("max_ellipsis_lines_ratio", maxEllipsisLinesRatio);
        share("min_alpha_words_ratio", minAlphaWordsRatio);
        ordered("min_doc_words", minDocWords, maxDocWords);
        ordered("min_doc_characters", minDocCharacters, maxDocCharacters);
        checkConfig(
                minAvgWordLength.orElse(0) <= maxAvgWordLength.orElse(Double.MAX_VALUE),
                "min_avg_word_length",
                minAvgWordLength.orElse(0),
                "must not be greater than max_avg_word_length");
    }

    private static void least(String key, OptionalInt value, int least) {
        checkConfig(value.orElse(least) >= least, key, value.orElse(least), "must be >= " + least);
    }

    private static void least(String key, OptionalDouble value) {
        checkConfig(
                value.orElse(0) >= 0 && Double.isFinite(value.orElse(0)),
                key,
                value.orElse(0),
                "must be finite and >= 0");
    }

    static void share(String key, OptionalDouble value) {
        checkConfig(value.orElse(0) >= 0 && value.orElse(0) <= 1, key, value.orElse(0), "must be in [0, 1]");
    }

    private static void ordered(String key, OptionalInt least, OptionalInt most) {
        checkConfig(
                least.orElse(0) <= most.orElse(Integer.MAX_VALUE),
                key,
                least.orElse(0),
                "must not be greater than " + key.replace("min_", "max_"));
    }

    /** This, and where nothing is given {@code preset}. */
    ShapeConfig or(ShapeConfig preset) {
        return new ShapeConfig(
                Given.or(minDocWords, preset.minDocWords),
                Given.or(maxDocWords, preset.maxDocWords),
                Given.or(minDocCharacters, preset.minDocCharacters),
                Given.or(maxDocCharacters, preset.maxDocCharacters),
                Given.or(minAvgWordLength, preset.minAvgWordLength),
                Given.or(maxAvgWordLength, preset.maxAvgWordLength),
                Given.or(maxSymbolWordRatio, preset.maxSymbolWordRatio),
                Given.or(maxBulletLinesRatio, preset.maxBulletLinesRatio),
                Given.or(maxEllipsisLinesRatio, preset.maxEllipsisLinesRatio),
                Given.or(minAlphaWordsRatio, preset.minAlphaWordsRatio),
                Given.or(minStopWords, preset.minStopWords),
                stopWords);
    }

    /** Whether any rule is on. */
    boolean isOn() {
        return !new ShapeConfig(
                        minDocWords,
                        maxDocWords,
                        minDocCharacters,
                        maxDocCharacters,
                        minAvgWordLength,
                        maxAvgWordLength,
                        maxSymbolWordRatio,
                        maxBulletLinesRatio,
                        maxEllipsisLinesRatio,
                        minAlphaWordsRatio,
                        minStopWords,
                        List.of())
                .equals(NONE);
    }
}
