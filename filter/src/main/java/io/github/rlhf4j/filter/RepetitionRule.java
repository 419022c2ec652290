package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.RecordWire;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.text.Repetition;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/** Texts that repeat themselves, by the thresholds of {@link RepetitionConfig}; in the order of datatrove's GopherRepetitionFilter. */
final class RepetitionRule implements RowRule {
    private final RepetitionConfig config;
    private final Map<Integer, Double> top;
    private final Map<Integer, Double> duplicated;

    RepetitionRule(RepetitionConfig config) {
        this.config = config;
        this.top = bySize(config.topNGrams());
        this.duplicated = bySize(config.dupNGrams());
    }

    private static Map<Integer, Double> bySize(Map<String, Double> thresholds) {
        Map<Integer, Double> bySize = new TreeMap<>();
        thresholds.forEach((size, threshold) -> bySize.put(Integer.valueOf(size), threshold));
        return bySize;
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        if (text.isEmpty()) {
            return Judgement.keep(text);
        }
        Repetition repetition = new Repetition(text);
        Repetition.Share paragraphs = repetition.paragraphs();
        Repetition.Share lines = repetition.lines();
        String found = "";
        found = first(found, "dup_para_frac", config.dupParaFrac(), paragraphs.count());
        found = first(found, "dup_para_char_frac", config.dupParaCharFrac(), paragraphs.characters());
        found = first(found, "dup_line_frac", config.dupLineFrac(), lines.count());
        found = first(found, "dup_line_char_frac", config.dupLineCharFrac(), lines.characters());
        if (found.isEmpty()) {
            found = firstOf("top_n_grams", top, repetition::topNGram);
        }
        if (found.isEmpty()) {
            found = firstOf("dup_n_grams", duplicated, repetition::duplicatedNGrams);
        }
        int space = found.indexOf(' ');
        return found.isEmpty()
                ? Judgement.keep(text)
                : Judgement.remove(text, found.substring(0, space), found.substring(space + 1));
    }

    @Override
    public RuleKind kind() {
        return RuleKind.REPETITION;
    }

    @Override
    public void write(WireWriter out) {
        RecordWire.of(RepetitionConfig.class).write(out, config);
    }

    static RowRule read(WireReader in) {
        return new RepetitionRule(RecordWire.of(RepetitionConfig.class).read(in));
    }

    /** The key and what was found, of the first rule that is broken. */
    private static String first(String before, String key, OptionalDouble limit, double found) {
        boolean isBroken = before.isEmpty() && limit.isPresent() && found > limit.getAsDouble();
        return isBroken ? String.format(Locale.ROOT, "%s %.3f > %s", key, found, limit.getAsDouble()) : before;
    }

    private static String firstOf(String key, Map<Integer, Double> limits, IntToDoubleFunction measure) {
        for (Map.Entry<Integer, Double> limit : limits.entrySet()) {
            double found = measure.applyAsDouble(limit.getKey());
            if (found > limit.getValue()) {
                return String.format(
                        Locale.ROOT, "%s %d-grams %.3f > %s", key, limit.getKey(), found, limit.getValue());
            }
        }
        return "";
    }
}
