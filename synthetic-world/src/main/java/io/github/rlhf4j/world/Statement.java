package io.github.rlhf4j.world;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One sentence of a response, understood as far as it can be.
 *
 * @param text the sentence as it stands
 * @param slots the words a story sentence is about, in lower case
 * @param facts what it asserts, at most one fact
 * @param language the language it was recognised in; English where it was not
 */
record Statement(Kind kind, String text, List<String> slots, List<Fact> facts, Language language) {
    enum Kind {
        ADMISSION,
        PADDING,
        FACT,
        STORY,
        OTHER
    }

    private static final List<String> PRONOUNS =
            List.of("he", "she", "it", "this", "that", "who", "there", "here", "nobody", "what", "which", "text");

    static Statement of(String sentence) {
        String bare = withoutStop(sentence);
        for (Language language : Language.values()) {
            if (oneOf(bare, Lexicon.ADMISSIONS.get(language.ordinal()))) {
                return new Statement(Kind.ADMISSION, sentence, List.of(), List.of(), language);
            }
        }
        if (oneOf(bare, List.of(Lexicon.ADMISSION_IN_ONE_WORD, Lexicon.ADMISSION_ABOUT_A_TEXT))) {
            return new Statement(Kind.ADMISSION, sentence, List.of(), List.of(), Language.ENGLISH);
        }
        if (oneOf(bare, Lexicon.PADDING) || oneOf(bare, Lexicon.REFUSALS)) {
            return new Statement(Kind.PADDING, sentence, List.of(), List.of(), Language.ENGLISH);
        }
        return fact(sentence, bare)
                .or(() -> story(sentence, bare))
                .orElseGet(() -> new Statement(Kind.OTHER, sentence, List.of(), List.of(), Language.ENGLISH));
    }

    private static Optional<Statement> fact(String sentence, String bare) {
        for (Language language : Language.values()) {
            for (Relation relation : Relation.values()) {
                for (Template template : relation.sentences(language)) {
                    Optional<Map<String, String>> slots = template.match(bare);
                    if (slots.isPresent()) {
                        return asserted(sentence, relation, language, slots.orElseThrow());
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Statement> asserted(
            String sentence, Relation relation, Language language, Map<String, String> slots) {
        String subject = slots.getOrDefault("s", "");
        if (PRONOUNS.contains(subject.toLowerCase(Locale.ROOT))) {
            return Optional.empty();
        }
        return relation.valueCategory()
                .value(slots.getOrDefault("v", ""), language)
                .map(value -> new Statement(
                        Kind.FACT, sentence, List.of(), List.of(new Fact(subject, relation, value)), language));
    }

    private static Optional<Statement> story(String sentence, String bare) {
        for (List<Template> templates : List.of(Lexicon.STORY_OPENINGS, Lexicon.STORY_ENDINGS)) {
            for (Template template : templates) {
                Optional<Map<String, String>> slots = template.match(bare);
                if (slots.isPresent()) {
                    List<String> words = slots.orElseThrow().values().stream()
                            .map(word -> word.toLowerCase(Locale.ROOT))
                            .toList();
                    return Optional.of(new Statement(Kind.STORY, sentence, words, List.of(), Language.ENGLISH));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether it says something: not only that one does not know, and not padding. */
    boolean substantial() {
        return kind != Kind.ADMISSION && kind != Kind.PADDING;
    }

    private static String withoutStop(String sentence) {
        String bare = sentence.strip();
        while (!bare.isEmpty() && ".!?".indexOf(bare.charAt(bare.length() - 1)) >= 0) {
            bare = bare.substring(0, bare.length() - 1);
        }
        return bare;
    }

    private static boolean oneOf(String bare, Collection<String> sentences) {
        return sentences.stream().anyMatch(sentence -> withoutStop(sentence).equalsIgnoreCase(bare));
    }
}
