package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.RecordWire;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.text.TextUnits;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Lengths, symbols, bullets, ellipses and stop words.
 *
 * <p>Source: Rae et al. 2021, arXiv:2112.11446, appendix A.1.1 (Quality filtering); words, symbols and order of the rules as datatrove's GopherQualityFilter, with words as white space separates them.
 */
final class TextShape implements RowRule {
    private static final String ELLIPSIS = "...";
    private static final String ELLIPSIS_CHARACTER = "\u2026";

    private final ShapeConfig config;
    private final Set<String> stopWords;

    TextShape(ShapeConfig config) {
        this.config = config;
        this.stopWords = Set.copyOf(config.stopWords().isEmpty() ? Preset.STOP_WORDS : config.stopWords());
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        List<String> words = TextUnits.words(text);
        Finding finding = new Finding(text);
        lengths(finding, text, words);
        if (!words.isEmpty()) {
            symbols(finding, text, words.size());
            lines(finding, TextUnits.lines(text));
            double alpha = (double) words.stream().filter(TextShape::hasLetter).count() / words.size();
            finding.least("min_alpha_words_ratio", config.minAlphaWordsRatio(), alpha);
        }
        if (config.minStopWords().isPresent()) {
            Set<String> found = new HashSet<>(words);
            found.retainAll(stopWords);
            finding.least("min_stop_words", config.minStopWords(), found.size());
        }
        return finding.judgement();
    }

    @Override
    public RuleKind kind() {
        return RuleKind.SHAPE;
    }

    @Override
    public void write(WireWriter out) {
        RecordWire.of(ShapeConfig.class).write(out, config);
    }

    static RowRule read(WireReader in) {
        return new TextShape(RecordWire.of(ShapeConfig.class).read(in));
    }

    private void lengths(Finding finding, String text, List<String> words) {
        finding.least("min_doc_characters", config.minDocCharacters(), TextUnits.length(text));
        finding.most("max_doc_characters", config.maxDocCharacters(), TextUnits.length(text));
        long count = 0;
        long characters = 0;
        for (String word : words) {
            if (!isSymbols(word)) {
                count++;
                characters += TextUnits.length(word);
            }
        }
        finding.least("min_doc_words", config.minDocWords(), count);
        finding.most("max_doc_words", config.maxDocWords(), count);
        if (count > 0) {
            double mean = (double) characters / count;
            finding.least("min_avg_word_length", config.minAvgWordLength(), mean);
            finding.most("max_avg_word_length", config.maxAvgWordLength(), mean);
        }
    }

    private void symbols(Finding finding, String text, int words) {
        finding.most("max_symbol_word_ratio", config.maxSymbolWordRatio(), (double) count(text, "#") / words);
        double ellipses = (double) (count(text, ELLIPSIS) + count(text, ELLIPSIS_CHARACTER)) / words;
        finding.most("max_symbol_word_ratio", config.maxSymbolWordRatio(), ellipses);
    }

    private void lines(Finding finding, List<String> lines) {
        double bullets =
                lines.stream().map(TextUnits::strip).filter(TextShape::isBullet).count();
        finding.most("max_bullet_lines_ratio", config.maxBulletLinesRatio(), bullets / lines.size());
        double ellipses = lines.stream()
                .map(TextUnits::strip)
                .filter(TextShape::endsInEllipsis)
                .count();
        finding.most("max_ellipsis_lines_ratio", config.maxEllipsisLinesRatio(), ellipses / lines.size());
    }

    private static boolean isBullet(String line) {
        return line.startsWith("\u2022") || line.startsWith("-");
    }

    private static boolean endsInEllipsis(String line) {
        return line.endsWith(ELLIPSIS) || line.endsWith(ELLIPSIS_CHARACTER);
    }

    private static int count(String text, String part) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static boolean hasLetter(String word) {
        return word.codePoints().anyMatch(Character::isLetter);
    }

    private static boolean isSymbols(String word) {
        return word.codePoints().noneMatch(TextShape::isNoSymbol);
    }

    private static boolean isNoSymbol(int point) {
        return switch (Character.getType(point)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.MATH_SYMBOL,
                    Character.CURRENCY_SYMBOL,
                    Character.MODIFIER_SYMBOL,
                    Character.CONTROL -> false;
            default -> true;
        };
    }

    /** The first rule that is broken. */
    private static final class Finding {
        private Judgement judgement;

        Finding(String text) {
            judgement = Judgement.keep(text);
        }

        void least(String key, OptionalInt limit, long found) {
            if (judgement.isKept() && limit.isPresent() && found < limit.getAsInt()) {
                remove(key, found + " < " + limit.getAsInt());
            }
        }

        void most(String key, OptionalInt limit, long found) {
            if (judgement.isKept() && limit.isPresent() && found > limit.getAsInt()) {
                remove(key, found + " > " + limit.getAsInt());
            }
        }

        void least(String key, OptionalDouble limit, double found) {
            if (judgement.isKept() && limit.isPresent() && found < limit.getAsDouble()) {
                remove(key, String.format(Locale.ROOT, "%.3f < %s", found, limit.getAsDouble()));
            }
        }

        void most(String key, OptionalDouble limit, double found) {
            if (judgement.isKept() && limit.isPresent() && found > limit.getAsDouble()) {
                remove(key, String.format(Locale.ROOT, "%.3f > %s", found, limit.getAsDouble()));
            }
        }

        private void remove(String key, String detail) {
            judgement = Judgement.remove(judgement.text(), key, detail);
        }

        Judgement judgement() {
            return judgement;
        }
    }
}
