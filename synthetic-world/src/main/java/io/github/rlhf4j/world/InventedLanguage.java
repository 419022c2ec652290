package io.github.rlhf4j.world;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The six invented languages, the most frequent first. Their shares are those of the six most frequent languages of Common Crawl (CC-MAIN-2025-33: eng, rus, deu, zho, jpn, fra), of which {@link #ALO} plays English.
 *
 * <p>A clause has a subject, a verb, an object and perhaps a time. Languages differ in the order of these, in where a mark says which is the object, in agreement, in script and in whether there are spaces.
 */
public enum InventedLanguage {
    /** No endings, an article before the object; Latin letters. */
    ALO(44.3, "SVOT", Script.LATIN, true, Mark.ARTICLE, Mark.NONE, 1, false),
    /** An ending at the object by its gender, another at the verb by the kind of subject; Cyrillic letters. */
    BERU(6.1, "TSOV", Script.CYRILLIC, true, Mark.ENDING, Mark.ENDING, 3, false),
    /** An article by gender, a beginning at the verb; Latin letters. */
    CIRI(5.8, "VSOT", Script.LATIN_SECOND, true, Mark.ARTICLE, Mark.BEGINNING, 3, false),
    /** No endings and no spaces, a word after the object; characters. */
    DOZU(5.2, "TVOS", Script.CHARACTERS, false, Mark.ENDING, Mark.NONE, 1, false),
    /** Endings at object and verb, no spaces; syllable signs. */
    EMKI(5.1, "OSTV", Script.SYLLABLES, false, Mark.ENDING, Mark.ENDING, 1, false),
    /** An article by gender, the adjective after its noun; Latin letters with accents. */
    FANA(4.5, "OVST", Script.LATIN_ACCENTS, true, Mark.ARTICLE, Mark.ENDING, 2, true);

    /** Where a mark is that says what a word is in its clause. */
    enum Mark {
        NONE,
        ARTICLE,
        BEGINNING,
        ENDING
    }

    private final double share;
    private final String order;
    private final Script script;
    private final boolean spaces;
    private final Mark objectMark;
    private final Mark verbMark;
    private final int genders;
    private final boolean adjectiveLast;

    InventedLanguage(
            double share,
            String order,
            Script script,
            boolean spaces,
            Mark objectMark,
            Mark verbMark,
            int genders,
            boolean adjectiveLast) {
        this.share = share;
        this.order = order;
        this.script = script;
        this.spaces = spaces;
        this.objectMark = objectMark;
        this.verbMark = verbMark;
        this.genders = genders;
        this.adjectiveLast = adjectiveLast;
    }

    /** The name in run files. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Per cent of Common Crawl's pages in the language whose place it takes. */
    public double share() {
        return share;
    }

    /** S, V, O, T: subject, verb, object, time. */
    String order() {
        return order;
    }

    Script script() {
        return script;
    }

    boolean spaces() {
        return spaces;
    }

    Mark objectMark() {
        return objectMark;
    }

    Mark verbMark() {
        return verbMark;
    }

    int genders() {
        return genders;
    }

    boolean adjectiveLast() {
        return adjectiveLast;
    }

    String fullStop() {
        return spaces ? "." : "。";
    }

    String questionMark() {
        return spaces ? "?" : "？";
    }

    /**
     * The language called {@code code}.
     *
     * @throws UserError where there is none
     */
    public static InventedLanguage named(String code) {
        List<String> codes = Arrays.stream(values()).map(InventedLanguage::code).toList();
        int index = codes.indexOf(code);
        if (index < 0) {
            throw new UserError("\"" + code + "\" is no invented language: they are " + String.join(", ", codes)
                    + Suggestion.phrase(code, codes));
        }
        return values()[index];
    }

    /**
     * The shares of a mixture, which add up to 1: the share of each language to the power of {@code alpha}, normalised (XLM-R, Conneau et al. 2020, section 3.1).
     *
     * @param alpha 1 leaves the shares as they are, 0 makes them equal
     */
    public static double[] shares(double alpha) {
        double[] weights = Arrays.stream(values())
                .mapToDouble(language -> Math.pow(language.share, alpha))
                .toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).toArray();
    }

    static InventedLanguage draw(double alpha, Draw draw) {
        double left = draw.uniform();
        double[] shares = shares(alpha);
        for (int i = 0; i < shares.length; i++) {
            left -= shares[i];
            if (left < 0) {
                return values()[i];
            }
        }
        return ALO;
    }
}
