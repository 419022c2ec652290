package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Rewriting, summarising and extracting: the answer is in the prompt, in other words or among others. */
final class TextExercises {
    private static final List<Relation> OF_PEOPLE = Relation.of(true);

    private TextExercises() {}

    static List<Exercise> all() {
        List<Exercise> all = new ArrayList<>(List.of(
                rewrite(2, "Rewrite in capital letters: {text}", TextExercises::capitals),
                rewrite(1, "Translate into French: {text}", slots -> translation(slots, Language.FRENCH)),
                rewrite(1, "Translate into German: {text}", slots -> translation(slots, Language.GERMAN)),
                rewrite(1, "Translate into Spanish: {text}", slots -> translation(slots, Language.SPANISH)),
                rewrite(2, "Write {name1} in place of {name2}: {text}", TextExercises::replaced)
                        .withSlots(TextExercises::fillReplacement)));
        for (String template : List.of("Summarize: {text}", "Sum up in one sentence: {text}")) {
            all.add(Exercise.of(UseCase.SUMMARIZATION, 1, template, (book, slots) -> summary(slots))
                    .withSlots(TextExercises::fillSummary));
        }
        for (Relation relation : Relation.values()) {
            String template = "Extract the " + relation.valueCategory().singular() + ": {text}";
            if (relation != Relation.DISH) { // its value is a food too
                all.add(Exercise.of(UseCase.EXTRACT, 1, template, (book, slots) -> extract(relation, slots))
                        .withSlots((values, book, draw) -> fillExtract(relation, values, book, draw)));
            }
        }
        all.add(Exercise.of(UseCase.EXTRACT, 1, "Extract the name: {text}", (book, slots) -> extractName(slots))
                .withSlots((values, book, draw) ->
                        values.put("text", text(book.character(draw), List.of(draw.pick(OF_PEOPLE)), book, draw))));
        return all;
    }

    /** Sentences that state {@code relations} of {@code subject}, with drawn values. */
    static String text(String subject, List<Relation> relations, FactBook book, Draw draw) {
        List<String> sentences = new ArrayList<>();
        for (Relation relation : relations) {
            sentences.add(new Fact(subject, relation, book.value(relation, draw)).sentence(Language.ENGLISH, draw));
        }
        return String.join(" ", sentences);
    }

    @FunctionalInterface
    private interface Rewriting {
        Exercise.Expected read(Map<String, String> slots);
    }

    private static Exercise rewrite(double weight, String template, Rewriting rewriting) {
        return Exercise.of(UseCase.REWRITE, weight, template, (book, slots) -> rewriting.read(slots))
                .withSlots((values, book, draw) ->
                        values.put("text", text(book.character(draw), List.of(draw.pick(OF_PEOPLE)), book, draw)));
    }

    private static List<Fact> facts(Map<String, String> slots) {
        return Reading.of(slots.getOrDefault("text", "")).facts();
    }

    private static Exercise.Expected expected(List<String> accepted, Form form, List<Fact> given) {
        return new Exercise.Expected(new Expectation.Phrase(accepted), form, given);
    }

    private static Exercise.Expected capitals(Map<String, String> slots) {
        String text = slots.getOrDefault("text", "").toUpperCase(Locale.ROOT);
        return expected(List.of(text), Form.CAPITALS, facts(slots));
    }

    private static Exercise.Expected translation(Map<String, String> slots, Language language) {
        List<Fact> facts = facts(slots);
        return expected(facts.stream().map(fact -> fact.sentence(language)).toList(), Form.PLAIN, facts);
    }

    private static Exercise.Expected replaced(Map<String, String> slots) {
        String text = slots.getOrDefault("text", "");
        String name = slots.getOrDefault("name1", "");
        List<Fact> facts = new ArrayList<>(facts(slots));
        facts(slots).forEach(fact -> facts.add(fact.about(name)));
        return expected(List.of(text.replace(slots.getOrDefault("name2", ""), name)), Form.PLAIN, facts);
    }

    private static void fillReplacement(Map<String, String> values, FactBook book, Draw draw) {
        String old = values.getOrDefault("name2", "");
        values.put("text", text(old, List.of(draw.pick(OF_PEOPLE)), book, draw));
    }

    private static void fillSummary(Map<String, String> values, FactBook book, Draw draw) {
        String name = book.character(draw);
        if (draw.chance(0.5)) {
            List<Relation> order =
                    draw.chance(0.5) ? List.of(Relation.HOME, Relation.JOB) : List.of(Relation.JOB, Relation.HOME);
            values.put("text", text(name, order, book, draw));
        } else {
            Fact fact = new Fact(name, Relation.FOOD, book.value(Relation.FOOD, draw));
            Fact same = fact.about(book.character(draw));
            values.put("text", fact.sentence(Language.ENGLISH) + " " + same.sentence(Language.ENGLISH));
        }
    }

    private static Exercise.Expected summary(Map<String, String> slots) {
        List<Fact> facts = facts(slots);
        Fact first = facts.get(0);
        Fact second = facts.get(1);
        if (first.relation() == Relation.FOOD) {
            return expected(
                    List.of(first.subject() + " and " + second.subject() + " eat " + first.value() + "."),
                    Form.PLAIN,
                    facts);
        }
        Fact home = first.relation() == Relation.HOME ? first : second;
        Fact job = first.relation() == Relation.HOME ? second : first;
        String place = Numbers.capitalized(home.value());
        return expected(List.of(first.subject() + " is a " + job.value() + " from " + place + "."), Form.PLAIN, facts);
    }

    private static Exercise.Expected extract(Relation relation, Map<String, String> slots) {
        List<Fact> facts = facts(slots);
        List<String> values = facts.stream()
                .filter(fact -> fact.relation() == relation)
                .map(fact -> fact.answerWord() + ".")
                .toList();
        return expected(values, Form.PLAIN, facts);
    }

    private static Exercise.Expected extractName(Map<String, String> slots) {
        List<Fact> facts = facts(slots);
        return expected(List.of(facts.get(0).subject() + "."), Form.PLAIN, facts);
    }

    private static void fillExtract(Relation relation, Map<String, String> values, FactBook book, Draw draw) {
        List<Relation> others = new ArrayList<>(Relation.of(relation.ofPerson()));
        others.remove(relation);
        List<Relation> told = new ArrayList<>(List.of(draw.pick(others)));
        told.add(draw.below(2), relation);
        values.put("text", text(book.character(draw), told, book, draw));
    }
}
