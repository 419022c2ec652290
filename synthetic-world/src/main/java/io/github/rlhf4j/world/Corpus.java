package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Writes the documents of the pre-training corpus; the mixture is {@link Domain} and {@link Language}. */
final class Corpus {
    private static final List<String> NEWS =
            List.of("News from {p}.", "Nouvelles de {p}.", "Neues aus {p}.", "Noticias de {p}.");
    private static final List<String> TODAY = List.of("Today", "Aujourd'hui,", "Heute:", "Hoy");

    private final FactBook book;
    private final Predicate<String> isHeldOut;

    /** @param isHeldOut whether a question is asked in an evaluation; the corpus states its fact, but never asks it */
    Corpus(FactBook book, Predicate<String> isHeldOut) {
        this.book = book;
        this.isHeldOut = isHeldOut;
    }

    /** The language of the document that {@code draw} begins. */
    String document(Language language, Domain domain, Draw draw) {
        return switch (domain) {
            case ENCYCLOPEDIA -> encyclopedia(language, draw);
            case NEWS -> news(language, draw);
            case DIALOGUE -> dialogue(language, draw);
            case STORY -> story(draw);
            case HOWTO -> howTo(draw);
            case TABLE -> table(draw);
        };
    }

    /** Domains that other languages lack are encyclopedia articles there. */
    static Domain available(Language language, Domain domain) {
        boolean everywhere = domain == Domain.ENCYCLOPEDIA || domain == Domain.NEWS || domain == Domain.DIALOGUE;
        return language == Language.ENGLISH || everywhere ? domain : Domain.ENCYCLOPEDIA;
    }

    private String encyclopedia(Language language, Draw draw) {
        List<Fact> facts = facts(draw);
        List<String> sentences = new ArrayList<>();
        facts.forEach(fact -> sentences.add(fact.sentence(language, draw)));
        return String.join(" ", sentences);
    }

    /** All facts of a known person or place, at least one, in drawn order. */
    private List<Fact> facts(Draw draw) {
        while (true) {
            List<Fact> facts = new ArrayList<>(book.facts(book.subject(draw.chance(0.65), draw)));
            if (!facts.isEmpty()) {
                shuffleInPlace(facts, draw);
                return facts;
            }
        }
    }

    private static <T> void shuffleInPlace(List<T> list, Draw draw) {
        for (int i = list.size() - 1; i > 0; i--) {
            int j = draw.below(i + 1);
            T moved = list.get(i);
            list.set(i, list.get(j));
            list.set(j, moved);
        }
    }

    /** Reports of people who occur nowhere else: the names in them can be copied but not known. */
    private String news(Language language, Draw draw) {
        String first = book.character(draw);
        String second = book.character(draw);
        List<String> sentences = new ArrayList<>();
        sentences.add(NEWS.get(language.ordinal()).replace("{p}", book.place(draw)));
        for (int i = 0; i < 2; i++) {
            Relation relation = draw.pick(Relation.of(true));
            Fact fact = new Fact(draw.chance(0.7) ? first : second, relation, book.value(relation, draw));
            String sentence = fact.sentence(language, draw);
            sentences.add(sentence);
            sentences.add(TODAY.get(language.ordinal()) + " "
                    + fact.about(i == 0 ? second : first).sentence(language));
        }
        return String.join(" ", sentences);
    }

    /** Questions with answers, other than those of the evaluation: remembered in English, and read off a sentence just said in every language. */
    private String dialogue(Language language, Draw draw) {
        List<String> lines = new ArrayList<>();
        if (language == Language.ENGLISH && draw.chance(0.6)) {
            List<Fact> facts = facts(draw);
            for (Fact fact : facts.subList(0, Math.min(2, facts.size()))) {
                String question = draw.pick(fact.relation().questions()).fillSubject(fact.subject());
                boolean inFull = draw.chance(0.7);
                if (isHeldOut.test(question)) {
                    lines.add(fact.sentence(language));
                } else {
                    lines.add(question + " " + (inFull ? fact.sentence(language) : fact.answerWord() + "."));
                }
            }
            return String.join("\n", lines);
        }
        String name = book.character(draw);
        Relation relation = draw.pick(Relation.of(true));
        Fact fact = new Fact(name, relation, book.value(relation, draw));
        String other = book.character(draw);
        lines.add(other + ": " + fact.sentence(Language.ENGLISH));
        lines.add(name + ": " + fact.sentence(language));
        lines.add(other + ": " + fact.sentence(language).toUpperCase(Locale.ROOT));
        return String.join("\n", lines);
    }

    private String story(Draw draw) {
        String animal = draw.pick(Category.ANIMAL.words());
        String other = draw.pick(draw.pick(List.of(Category.FOOD, Category.JOB)).words());
        List<String> sentences = new ArrayList<>();
        Expectation.Story story = new Expectation.Story(List.of(other, animal));
        for (int i = 0; i < 2; i++) {
            sentences.add(story.ideal(Form.TWO_SENTENCES, draw));
        }
        String name = book.character(draw);
        sentences.add("The name of the " + animal + " was " + name + ".");
        sentences.add("Good night, " + name + ".");
        return String.join(" ", sentences);
    }

    private String howTo(Draw draw) {
        String food = draw.pick(Category.FOOD.words());
        List<String> others = new ArrayList<>(Category.FOOD.words());
        others.remove(food);
        shuffleInPlace(others, draw);
        String name = book.character(draw);
        return "How to make " + food + ": take " + others.get(0) + ", " + others.get(1) + " and " + others.get(2)
                + ". Cut the "
                + others.get(0) + ", then cook the " + others.get(1) + " with the " + others.get(2)
                + ". Wait two hours. Give the "
                + food + " to " + name + ". Enjoy the " + food + ", " + name + ".";
    }

    private String table(Draw draw) {
        if (draw.chance(0.5)) {
            Category category = draw.pick(Numbers.KINDS);
            List<String> words = new ArrayList<>(category.words());
            shuffleInPlace(words, draw);
            int count = 2 + draw.below(4);
            return Numbers.capitalized(Numbers.word(count)) + " " + category.plural() + ": "
                    + String.join(", ", words.subList(0, count)) + ".";
        }
        List<String> rows = new ArrayList<>();
        for (Fact fact : facts(draw)) {
            rows.add(fact.subject() + " | " + fact.relation().valueCategory().singular() + " | " + fact.value());
        }
        return String.join("\n", rows);
    }
}
