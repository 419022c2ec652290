package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * C4's rules; each is off unless given. Names are datatrove's.
 *
 * @param removeCitations removes [1], [edit] and [citation needed] from lines
 * @param filterNoTerminalPunct removes lines that do not end as sentences do
 * @param minNumSentences removes documents in whose remaining lines there are fewer, >= 1
 * @param minWordsPerLine removes lines with fewer words, >= 1
 * @param maxWordLength removes lines with a longer word, characters, >= 1
 * @param filterLoremIpsum removes documents with lorem ipsum
 * @param filterJavascript removes lines with javascript
 * @param filterCurlyBracket removes documents with an opening curly bracket
 * @param filterPolicy removes lines about terms of use, privacy and cookies
 */
public record C4Config(
        Optional<Boolean> removeCitations,
        Optional<Boolean> filterNoTerminalPunct,
        OptionalInt minNumSentences,
        OptionalInt minWordsPerLine,
        OptionalInt maxWordLength,
        Optional<Boolean> filterLoremIpsum,
        Optional<Boolean> filterJavascript,
        Optional<Boolean> filterCurlyBracket,
        Optional<Boolean> filterPolicy)
        implements ConfigGroup {
    /** All off. */
    public static final C4Config NONE = new C4Config(
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    public C4Config {
        least("min_num_sentences", minNumSentences);
        least("min_words_per_line", minWordsPerLine);
        least("max_word_length", maxWordLength);
    }

    private static void least(String key, OptionalInt value) {
        checkConfig(value.orElse(1) >= 1, key, value.orElse(1), "must be >= 1");
    }

    /** This, and where nothing is given {@code preset}. */
    C4Config or(C4Config preset) {
        return new C4Config(
                Given.or(removeCitations, preset.removeCitations),
                Given.or(filterNoTerminalPunct, preset.filterNoTerminalPunct),
                Given.or(minNumSentences, preset.minNumSentences),
                Given.or(minWordsPerLine, preset.minWordsPerLine),
                Given.or(maxWordLength, preset.maxWordLength),
                Given.or(filterLoremIpsum, preset.filterLoremIpsum),
                Given.or(filterJavascript, preset.filterJavascript),
                Given.or(filterCurlyBracket, preset.filterCurlyBracket),
                Given.or(filterPolicy, preset.filterPolicy));
    }

    /** Whether any rule is on. */
    boolean isOn() {
        return changesTexts()
                || minNumSentences.isPresent()
                || filterLoremIpsum.orElse(false)
                || filterCurlyBracket.orElse(false);
    }

    /** Whether a rule takes something out of documents that stay. */
    boolean changesTexts() {
        return removeCitations.orElse(false)
                || filterNoTerminalPunct.orElse(false)
                || minWordsPerLine.isPresent()
                || maxWordLength.isPresent()
                || filterJavascript.orElse(false)
                || filterPolicy.orElse(false);
    }

    /** The key that is false although that changes nothing; empty where there is none. */
    Optional<String> needlessFalse(C4Config preset) {
        if (isNeedless(removeCitations, preset.removeCitations)) {
            return Optional.of("remove_citations");
        }
        if (isNeedless(filterNoTerminalPunct, preset.filterNoTerminalPunct)) {
            return Optional.of("filter_no_terminal_punct");
        }
        if (isNeedless(filterLoremIpsum, preset.filterLoremIpsum)) {
            return Optional.of("filter_lorem_ipsum");
        }
        if (isNeedless(filterJavascript, preset.filterJavascript)) {
            return Optional.of("filter_javascript");
        }
        if (isNeedless(filterCurlyBracket, preset.filterCurlyBracket)) {
            return Optional.of("filter_curly_bracket");
        }
        return isNeedless(filterPolicy, preset.filterPolicy) ? Optional.of("filter_policy") : Optional.empty();
    }

    private static boolean isNeedless(Optional<Boolean> given, Optional<Boolean> preset) {
        return given.equals(Optional.of(false)) && preset.isEmpty();
    }
}
