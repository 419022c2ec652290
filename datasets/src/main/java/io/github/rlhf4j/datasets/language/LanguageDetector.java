package io.github.rlhf4j.datasets.language;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import opennlp.tools.langdetect.LanguageDetectorME;
import opennlp.tools.langdetect.LanguageDetectorModel;

/**
 * In which language a text is written, by the n-gram model of Apache OpenNLP (183 languages, trained on the Leipzig corpora). Languages have the codes of ISO 639-3.
 *
 * <p>Safe from several threads; the model is read when it is first asked.
 */
public final class LanguageDetector {
    private static final String MODEL = "/langdetect-183.bin";
    private static final String CHINESE = "cmn";

    private LanguageDetector() {}

    /**
     * A language that a text may be in.
     *
     * @param code of ISO 639-3
     * @param probability in [0, 1]; those of all languages add up to 1
     */
    public record Guess(String code, double probability) {}

    /** All languages, the most likely first. */
    public static List<Guess> guesses(String text) {
        return Arrays.stream(Model.DETECTORS.get().predictLanguages(text))
                .map(language -> new Guess(language.getLang(), language.getConfidence()))
                .toList();
    }

    /** The most likely language. */
    public static Guess best(String text) {
        return guesses(text).get(0);
    }

    /** The code of ISO 639-3 for a code of ISO 639-1 or 639-3, such as en or eng; empty where the model does not know the language. */
    public static Optional<String> code(String given) {
        String code = given;
        if (given.equals("zh") || given.equals("zho")) {
            code = CHINESE;
        } else if (given.length() == 2) {
            try {
                code = new Locale(given).getISO3Language();
            } catch (MissingResourceException e) {
                code = given;
            }
        }
        return Model.KNOWN.contains(code) ? Optional.of(code) : Optional.empty();
    }

    /** The English name of a language; of an unknown one its code. */
    public static String name(String code) {
        return Names.BY_CODE.getOrDefault(code, code);
    }

    private static final class Names {
        private static final Map<String, String> BY_CODE = names();

        private static Map<String, String> names() {
            Map<String, String> names = Arrays.stream(Locale.getISOLanguages())
                    .map(Locale::new)
                    .collect(Collectors.toMap(
                            Locale::getISO3Language,
                            locale -> locale.getDisplayLanguage(Locale.ENGLISH),
                            (first, second) -> first,
                            HashMap::new));
            names.put(CHINESE, "Chinese");
            return names;
        }
    }

    private static final class Model {
        private static final LanguageDetectorModel MODEL = open();
        private static final ThreadLocal<LanguageDetectorME> DETECTORS =
                ThreadLocal.withInitial(() -> new LanguageDetectorME(MODEL));
        private static final Set<String> KNOWN =
                Arrays.stream(DETECTORS.get().getSupportedLanguages()).collect(Collectors.toSet());

        private static LanguageDetectorModel open() {
            try (InputStream model =
                    Objects.requireNonNull(LanguageDetector.class.getResourceAsStream(LanguageDetector.MODEL))) {
                return new LanguageDetectorModel(model);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
