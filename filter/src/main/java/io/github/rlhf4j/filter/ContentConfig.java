package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.language.LanguageDetector;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.filter.text.NGramIndex;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a row is about and where it comes from; each rule is off unless given.
 *
 * @param languages ISO 639 codes of the languages that stay; empty: all
 * @param languageThreshold the least probability of the most likely language, in [0, 1]; absent: 0
 * @param badWords words and phrases: rows with one of them go
 * @param badWordsPath a file with a word or phrase a line; rows with one of them go
 * @param minColumns column to the least number in it, such as up-votes
 * @param robots rows whose address a crawler may not fetch go
 * @param decontaminate evaluation sets: rows that share an n-gram of words with one of their rows go
 * @param decontaminateNGrams words of such an n-gram, >= 8; absent: 13
 * @param quality a classifier that is trained on given texts
 */
public record ContentConfig(
        List<String> languages,
        OptionalDouble languageThreshold,
        List<String> badWords,
        Optional<String> badWordsPath,
        Map<String, Double> minColumns,
        Optional<RobotsConfig> robots,
        Optional<EvalDatasets> decontaminate,
        OptionalInt decontaminateNGrams,
        Optional<ClassifierConfig> quality)
        implements ConfigGroup {
    /** All off. */
    public static final ContentConfig NONE = new ContentConfig(
            List.of(),
            OptionalDouble.empty(),
            List.of(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty());

    public ContentConfig {
        languages = List.copyOf(languages);
        badWords = List.copyOf(badWords);
        for (String word : badWords) {
            checkConfig(!word.isBlank(), "bad_words", badWords, "must be words or phrases, none of them empty");
        }
        minColumns = Collections.unmodifiableMap(new TreeMap<>(minColumns));
        for (String language : languages) {
            checkConfig(
                    LanguageDetector.code(language).isPresent(),
                    "languages",
                    language,
                    "must be ISO 639 codes of languages that the model knows, such as en, de or zh");
        }
        ShapeConfig.share("language_threshold", languageThreshold);
        checkConfig(
                languageThreshold.isEmpty() || !languages.isEmpty(),
                "language_threshold",
                languageThreshold.orElse(0),
                "does nothing without languages, so must be left out");
        minColumns.forEach((column, least) ->
                checkConfig(Double.isFinite(least), "min_columns", column + ": " + least, "must be a finite number"));
        checkConfig(
                decontaminateNGrams.orElse(NGramIndex.LEAST_WORDS) >= NGramIndex.LEAST_WORDS,
                "decontaminate_n_grams",
                decontaminateNGrams.orElse(0),
                "must be >= " + NGramIndex.LEAST_WORDS + ": shorter ones are shared by chance");
        checkConfig(
                decontaminateNGrams.isEmpty() || decontaminate.isPresent(),
                "decontaminate_n_grams",
                decontaminateNGrams.orElse(0),
                "does nothing without decontaminate, so must be left out");
    }
}
