package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The words and marks of one invented language, drawn from the seed. Names and years are the same in all languages. */
final class InventedWords {
    static final List<String> ADJECTIVES = List.of("old", "new", "big", "small", "good", "cheap", "fine", "odd");
    static final List<String> TIMES = List.of("today", "always", "often", "again", "here", "now");
    private static final Pattern NAME = Pattern.compile("\\p{Lu}[a-z]+");
    private static final String WHAT = "what";
    private static final String AND = "and";

    private final InventedLanguage language;
    private final Map<String, String> roots = new HashMap<>();
    private final Map<String, Integer> genders = new HashMap<>();
    private final List<String> objectMarks;
    private final List<String> verbMarks;

    InventedWords(InventedLanguage language, CounterRandom random) {
        this.language = language;
        Script script = language.script();
        List<String> all = new ArrayList<>();
        for (String first : script.first()) {
            script.second().forEach(second -> all.add(first + second));
        }
        List<String> shuffled = shuffled(all, random.derive("roots"));
        List<String> concepts = concepts();
        for (int i = 0; i < concepts.size(); i++) {
            roots.put(concepts.get(i), shuffled.get(i));
            genders.put(concepts.get(i), random.derive("gender").below(i, language.genders()));
        }
        List<String> marks = shuffled(script.marks(), random.derive("marks"));
        objectMarks = marks.subList(0, language.genders());
        verbMarks = marks.subList(language.genders(), language.genders() + 2);
    }

    private static List<String> shuffled(List<String> all, CounterRandom random) {
        return IntStream.range(0, all.size())
                .boxed()
                .sorted(Comparator.comparingLong(index -> random.bits(index)))
                .map(index -> all.get(index))
                .toList();
    }

    /** Everything that has a word of its own. */
    private static List<String> concepts() {
        List<String> concepts = new ArrayList<>(List.of(WHAT, AND));
        for (Relation relation : Relation.values()) {
            concepts.add(verbConcept(relation));
        }
        for (Category category : Category.values()) {
            category.words().forEach(word -> concepts.add(nounConcept(category, word)));
        }
        ADJECTIVES.forEach(adjective -> concepts.add("adjective " + adjective));
        TIMES.forEach(time -> concepts.add("time " + time));
        return concepts;
    }

    private static String verbConcept(Relation relation) {
        return "verb " + relation.name();
    }

    private static String nounConcept(Category category, String word) {
        return category.name().toLowerCase(Locale.ROOT) + " " + word;
    }

    private String root(String concept) {
        String root = roots.get(concept);
        if (root == null) {
            throw new IllegalArgumentException("no word for " + concept);
        }
        return root;
    }

    /** The word for a value, without marks; names and years are themselves. */
    String value(Relation relation, String value) {
        Category category = relation.valueCategory();
        return category.closed() ? root(nounConcept(category, value)) : value;
    }

    /** The verb of a relation, as it is with its subjects. */
    String verb(Relation relation) {
        String root = root(verbConcept(relation));
        String mark = verbMarks.get(relation.ofPerson() ? 0 : 1);
        return switch (language.verbMark()) {
            case BEGINNING -> mark + root;
            case ENDING -> root + mark;
            default -> root;
        };
    }

    private String object(Relation relation, String value, String adjective) {
        int gender = genders.getOrDefault(nounConcept(relation.valueCategory(), value), 0);
        return marked(value(relation, value), adjective.isEmpty() ? "" : root("adjective " + adjective), gender);
    }

    private String marked(String noun, String adjective, int gender) {
        String mark = objectMarks.get(gender);
        String phrase = adjective.isEmpty()
                ? noun
                : language.adjectiveLast() ? noun + space() + adjective : adjective + space() + noun;
        return switch (language.objectMark()) {
            case ARTICLE -> mark + space() + phrase;
            case ENDING -> phrase + mark;
            default -> phrase;
        };
    }

    private String space() {
        return language.spaces() ? " " : "";
    }

    /** The clause without a full stop. */
    String clause(Clause clause) {
        Relation relation = clause.fact().relation();
        String time = clause.time().isEmpty() ? "" : root("time " + clause.time());
        return inOrder(
                clause.fact().subject(),
                verb(relation),
                object(relation, clause.fact().value(), clause.adjective()),
                time);
    }

    /** The question for the value of a relation. */
    String question(String subject, Relation relation) {
        return inOrder(subject, verb(relation), root(WHAT), "") + language.questionMark();
    }

    private String inOrder(String subject, String verb, String object, String time) {
        List<String> words = new ArrayList<>();
        for (char place : language.order().toCharArray()) {
            String word = switch (place) {
                case 'S' -> subject;
                case 'V' -> verb;
                case 'O' -> object;
                default -> time;
            };
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return String.join(space(), words);
    }

    /** A sentence: clauses with "and" between them. */
    String sentence(List<Clause> clauses) {
        String and = space() + root(AND) + space();
        return String.join(and, clauses.stream().map(this::clause).toList()) + language.fullStop();
    }

    /** The clauses of a text, whoever wrote it: cut at full stops, question marks and "and". */
    List<String> clauses(String text) {
        return List.of(text.split("[.。?？\n]|(?<![\\p{Lu}\\p{Ll}])" + root(AND) + "(?!\\p{Ll})"));
    }

    /** Whether a clause of {@code text} states the fact: has the subject, the verb and the value, in whatever order and with whatever marks. */
    boolean states(String text, Fact fact) {
        return clauses(text).stream().anyMatch(clause -> clauseStates(clause, fact));
    }

    private boolean clauseStates(String clause, Fact fact) {
        Set<String> names = names(clause);
        String words = NAME.matcher(clause).replaceAll(" ");
        String value = value(fact.relation(), fact.value());
        return names.contains(fact.subject())
                && words.contains(root(verbConcept(fact.relation())))
                && (names.contains(value) || words.contains(value));
    }

    /** The names of people, places and rivers in a text: no other word has a capital. */
    static Set<String> names(String text) {
        return NAME.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
    }

    /** What is between two sentences. */
    String between() {
        return space();
    }

    /** How many of this language's roots are in the text. */
    long known(String text) {
        String words = NAME.matcher(text).replaceAll(" ");
        return roots.values().stream().filter(words::contains).count();
    }
}
