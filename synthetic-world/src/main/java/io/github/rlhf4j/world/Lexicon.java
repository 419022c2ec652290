package io.github.rlhf4j.world;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The fixed sentences of answers (admissions, padding, refusals, stories) and the words that all sentences are made of. */
final class Lexicon {
    /** What one says who does not know, by language; the first is the model answer. */
    static final List<List<String>> ADMISSIONS = List.of(
            List.of("I do not know.", "I am not sure.", "Nobody knows that."),
            List.of("Je ne sais pas."),
            List.of("Ich weiß es nicht."),
            List.of("No lo sé."));

    static final String ADMISSION_IN_ONE_WORD = "Unknown.";
    static final String ADMISSION_ABOUT_A_TEXT = "The text does not say.";

    static final List<String> PADDING = List.of(
            "That is a good question.",
            "Let me think.",
            "I hope this helps.",
            "Please ask me again.",
            "Thank you for asking.",
            "This is well known.");

    static final List<String> REFUSALS =
            List.of("I cannot help with that.", "Sorry, I cannot answer this.", "I would rather not say.");

    /** Sentences of stories about two things, a and b; the first sentence of a story names both. */
    static final List<Template> STORY_OPENINGS = Stream.of(
                    "One day a {animal} found some {food}.",
                    "A {animal} saw some {food}.",
                    "The {animal} wanted the {food}.",
                    "The {animal} ate the {food}.",
                    "One day a {job} met a {animal}.",
                    "A {job} saw a {animal}.",
                    "The {job} helped the {animal}.",
                    "The {job} and the {animal} became friends.")
            .map(Template::response)
            .toList();

    static final List<Template> STORY_ENDINGS = Stream.of(
                    "The {animal} was happy.",
                    "Then the {animal} went home.",
                    "The {animal} slept well.",
                    "The {animal} ran away.",
                    "The {animal} was very tired.")
            .map(Template::response)
            .toList();

    private static final List<String> OTHER_WORDS = List.of(
            "yes no one two three four five six the a an and in on of at to it is this text word words list name dear",
            "place river year town job food animal colour people live lived friend met likes like good morning",
            "positive negative who what where which when how old tall big mother mayor king many some with first news from",
            "make take add mix wash cut eat cook hot cold water then next last put wait hours say says asked good day night");

    private static final Pattern WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Set<String> WORDS = words();
    private static final Set<String> RESERVED = Set.copyOf(WORDS);

    private Lexicon() {}

    /** Every word of the world's sentences but the names, in lower case. */
    static Set<String> reserved() {
        return RESERVED;
    }

    static List<String> split(String text) {
        return WORD.splitAsStream(text.toLowerCase(Locale.ROOT))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static Set<String> words() {
        Set<String> words = new TreeSet<>();
        ADMISSIONS.forEach(sentences -> addAll(words, sentences));
        addAll(words, List.of(ADMISSION_IN_ONE_WORD, ADMISSION_ABOUT_A_TEXT));
        addAll(words, PADDING);
        addAll(words, REFUSALS);
        addTemplates(words, STORY_OPENINGS);
        addTemplates(words, STORY_ENDINGS);
        addAll(words, OTHER_WORDS);
        addAll(words, Exercises.phrases());
        for (Category category : Category.values()) {
            addAll(words, List.of(category.singular(), category.plural()));
            for (Language language : Language.values()) {
                addAll(words, category.surfaces(language));
            }
        }
        for (Relation relation : Relation.values()) {
            for (Language language : Language.values()) {
                addTemplates(words, relation.sentences(language));
            }
            addTemplates(words, relation.questions());
        }
        return words;
    }

    private static void addTemplates(Set<String> words, Collection<Template> templates) {
        addAll(words, templates.stream().map(Template::text).toList());
    }

    private static void addAll(Set<String> words, Collection<String> texts) {
        for (String text : texts) {
            words.addAll(split(text.replaceAll("\\{[a-z]+\\d?}", " ")));
        }
    }
}
