package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.RecordWire;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.text.Sentences;
import io.github.rlhf4j.filter.text.TextUnits;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * C4's rules: lines that are no sentences go, and documents in which too little is left.
 *
 * <p>Source: Raffel et al. 2020, arXiv:1910.10683, section 2.2; order of the rules, citations, policy lines and long words as TensorFlow Datasets' c4_utils and datatrove's C4QualityFilter.
 */
final class C4Rule implements RowRule {
    private static final Pattern CITATION = Pattern.compile("\\[\\d*]|\\[edit]|\\[citation needed]");
    private static final List<String> ENDS = List.of(".", "?", "!", "\"", "'");
    private static final String ELLIPSIS = "...";
    private static final List<String> POLICIES =
            List.of("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies");

    private final C4Config config;

    C4Rule(C4Config config) {
        this.config = config;
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        List<String> kept = new ArrayList<>();
        int sentences = 0;
        for (String given : TextUnits.lines(text)) {
            List<String> words = TextUnits.words(given);
            if (config.maxWordLength().isPresent() && hasLongWord(words)) {
                continue;
            }
            String line = TextUnits.strip(given);
            if (isOn(config.removeCitations())) {
                line = CITATION.matcher(line).replaceAll("");
            }
            if (isOn(config.filterNoTerminalPunct()) && !endsAsSentence(line)
                    || words.size() < config.minWordsPerLine().orElse(0)) {
                continue;
            }
            String lower = line.toLowerCase(Locale.ROOT);
            if (isOn(config.filterLoremIpsum()) && lower.contains("lorem ipsum")) {
                return Judgement.remove(text, "filter_lorem_ipsum", "has lorem ipsum");
            }
            if (isOn(config.filterJavascript()) && lower.contains("javascript")) {
                continue;
            }
            if (isOn(config.filterCurlyBracket()) && line.contains("{")) {
                return Judgement.remove(text, "filter_curly_bracket", "has {");
            }
            if (isOn(config.filterPolicy()) && POLICIES.stream().anyMatch(lower::contains)) {
                continue;
            }
            sentences += config.minNumSentences().isPresent() ? Sentences.count(line) : 0;
            kept.add(line);
        }
        return result(text, kept, sentences);
    }

    @Override
    public boolean changesTexts() {
        return config.changesTexts();
    }

    @Override
    public RuleKind kind() {
        return RuleKind.C4;
    }

    @Override
    public void write(WireWriter out) {
        RecordWire.of(C4Config.class).write(out, config);
    }

    static RowRule read(WireReader in) {
        return new C4Rule(RecordWire.of(C4Config.class).read(in));
    }

    private Judgement result(String text, List<String> kept, int sentences) {
        if (sentences < config.minNumSentences().orElse(0)) {
            return Judgement.remove(
                    text,
                    "min_num_sentences",
                    sentences + " < " + config.minNumSentences().getAsInt());
        }
        String left = config.changesTexts() ? TextUnits.strip(String.join("\n", kept)) : text;
        return left.isEmpty()
                ? Judgement.remove(text, "no_line_left", "no line is left by C4's rules")
                : Judgement.keep(left);
    }

    private boolean hasLongWord(List<String> words) {
        int most = config.maxWordLength().getAsInt();
        return words.stream().anyMatch(word -> word.length() > most && TextUnits.length(word) > most);
    }

    private static boolean endsAsSentence(String line) {
        return ENDS.stream().anyMatch(line::endsWith) && !line.endsWith(ELLIPSIS);
    }

    private static boolean isOn(Optional<Boolean> key) {
        return key.orElse(false);
    }
}
