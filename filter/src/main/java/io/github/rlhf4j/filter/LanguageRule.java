package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.language.LanguageDetector;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Rows in other languages than those wanted, and those with too few letters to tell. */
final class LanguageRule implements RowRule {
    private static final String KEY = "languages";
    private static final int LEAST_LETTERS = 5;
    private static final int MOST_CHARACTERS = 5_000; // of a text

    private final Set<String> wanted;
    private final double threshold;

    /**
     * @param languages codes of ISO 639
     * @param threshold the least probability
     */
    LanguageRule(List<String> languages, double threshold) {
        this.wanted = languages.stream()
                .map(language -> LanguageDetector.code(language).orElseThrow())
                .collect(Collectors.toSet());
        this.threshold = threshold;
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        if (text.codePoints().filter(Character::isLetter).limit(LEAST_LETTERS).count() < LEAST_LETTERS) {
            return Judgement.remove(text, KEY, "too few letters to tell");
        }
        LanguageDetector.Guess guess =
                LanguageDetector.best(text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
        if (!wanted.contains(guess.code())) {
            return Judgement.remove(text, KEY, guess.code() + " " + rounded(guess.probability()));
        }
        return guess.probability() < threshold
                ? Judgement.remove(
                        text,
                        "language_threshold",
                        guess.code() + " " + rounded(guess.probability()) + " < " + threshold)
                : Judgement.keep(text);
    }

    @Override
    public RuleKind kind() {
        return RuleKind.LANGUAGE;
    }

    @Override
    public void write(WireWriter out) {
        out.putList(wanted.stream().sorted().toList(), WireWriter::putText).putDouble(threshold);
    }

    static RowRule read(WireReader in) {
        return new LanguageRule(in.getList(WireReader::getText), in.getDouble());
    }

    private static String rounded(double probability) {
        return String.format(Locale.ROOT, "%.3f", probability);
    }
}
