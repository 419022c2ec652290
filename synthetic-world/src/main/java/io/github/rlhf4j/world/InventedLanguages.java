package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The invented languages of a seed: they write about the facts of its world, and tell what a text in one of them says. Safe for use by several threads. */
public final class InventedLanguages {
    private final FactBook book;
    private final CounterRandom random;
    private final Map<InventedLanguage, InventedWords> words = new EnumMap<>(InventedLanguage.class);

    /** @param size how many people and places there are */
    public InventedLanguages(long seed, WorldSize size) {
        book = new FactBook(seed, size.people(), size.places());
        random = CounterRandom.of(seed).derive("invented languages");
        for (InventedLanguage language : InventedLanguage.values()) {
            words.put(language, new InventedWords(language, random.derive(language.name())));
        }
    }

    FactBook book() {
        return book;
    }

    CounterRandom random() {
        return random;
    }

    InventedWords words(InventedLanguage language) {
        InventedWords found = words.get(language);
        if (found == null) {
            throw new IllegalStateException("no words of " + language);
        }
        return found;
    }

    /**
     * One sentence in several languages, on facts of this world.
     *
     * @param clauses of the sentence, at least one
     * @return the sentence in each of {@code languages}
     */
    public List<String> sentence(int clauses, List<InventedLanguage> languages, CounterRandom random) {
        Draw draw = new Draw(random);
        List<Clause> said = new ArrayList<>();
        while (said.size() < clauses) {
            List<Fact> facts = book.facts(book.subject(draw.chance(0.7), draw));
            if (!facts.isEmpty()) {
                said.add(Clause.draw(draw.pick(facts), draw));
            }
        }
        return languages.stream()
                .map(language -> words(language).sentence(said))
                .toList();
    }

    /** A text about somebody whose class is the job that other texts say this person has. All people are equally likely. */
    public TypedText typedText(InventedLanguage language, CounterRandom random) {
        Draw draw = new Draw(random);
        InventedWords own = words(language);
        while (true) {
            String person = draw.pick(book.people());
            List<Fact> others = book.facts(person).stream()
                    .filter(fact -> fact.relation() != Relation.JOB)
                    .toList();
            Optional<Fact> job = book.fact(person, Relation.JOB);
            if (job.isPresent() && !others.isEmpty()) {
                String said = own.clause(Clause.draw(draw.pick(others), draw));
                String type = own.value(Relation.JOB, job.get().value());
                String clause = own.clause(new Clause(job.get(), "", ""));
                return new TypedText(
                        said, clause.substring(0, clause.indexOf(type)).strip(), type);
            }
        }
    }

    /** The language that most of the known words of a text are of; empty where it has none. */
    public Optional<InventedLanguage> languageOf(String text) {
        return Arrays.stream(InventedLanguage.values())
                .filter(language -> words(language).known(text) > 0)
                .max(Comparator.comparingLong(language -> words(language).known(text)));
    }

    /**
     * The share of what {@code text} states that {@code translation} states too, whatever the wording.
     *
     * @return 0 to 1; 1 where {@code text} states nothing
     */
    public double factsKept(
            String text, InventedLanguage language, String translation, InventedLanguage otherLanguage) {
        List<Fact> facts = facts(text, language);
        long kept = facts.stream()
                .filter(fact -> words(otherLanguage).states(translation, fact))
                .count();
        return facts.isEmpty() ? 1 : (double) kept / facts.size();
    }

    /** How many facts of the world a text states. */
    public int countFacts(String text, InventedLanguage language) {
        return facts(text, language).size();
    }

    /** The facts of the world that a text states. */
    List<Fact> facts(String text, InventedLanguage language) {
        List<Fact> facts = new ArrayList<>();
        for (String clause : words(language).clauses(text)) {
            for (String name : new TreeSet<>(InventedWords.names(clause))) {
                book.facts(name).stream()
                        .filter(fact -> words(language).states(clause, fact))
                        .forEach(facts::add);
            }
        }
        return facts;
    }
}
