package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Open questions, answered from memory, and closed ones, answered from a text in the prompt. */
final class QuestionExercises {
    private static final double NOT_IN_TEXT = 0.2;
    private static final double STRANGERS = 0.1;
    private static final Form[] OPEN_FORMS = {
        Form.PLAIN,
        Form.PLAIN,
        Form.PLAIN,
        Form.ONE_WORD,
        Form.ONE_WORD,
        Form.CAPITALS,
        Form.FRENCH,
        Form.GERMAN,
        Form.SPANISH
    };

    private QuestionExercises() {}

    static List<Exercise> all() {
        List<Exercise> all = new ArrayList<>();
        for (Relation relation : Relation.values()) {
            for (Template question : relation.questions()) {
                all.add(open(relation, question));
                all.add(closed(relation, question));
            }
            all.add(yesNo(relation));
        }
        Relation.NEVER_STATED.forEach(question -> all.add(neverStated(question, true)));
        Relation.NEVER_STATED_OF_PLACES.forEach(question -> all.add(neverStated(question, false)));
        return all;
    }

    private static Exercise open(Relation relation, Template question) {
        Exercise exercise = Exercise.of(UseCase.OPEN_QA, 1, question.text(), (book, slots) -> {
            List<Fact> truths =
                    book.fact(slots.getOrDefault("s", ""), relation).stream().toList();
            return Exercise.Expected.of(new Expectation.Knowledge(List.of(relation), truths, 1, false));
        });
        return exercise.withForms(OPEN_FORMS)
                .withSlots((values, book, draw) -> values.put("s", subject(relation.ofPerson(), book, draw)));
    }

    private static String subject(boolean person, FactBook book, Draw draw) {
        return draw.chance(STRANGERS) ? book.stranger(draw) : book.subject(person, draw);
    }

    private static Exercise yesNo(Relation relation) {
        String value = relation.valueCategory().singular();
        Exercise exercise =
                Exercise.of(UseCase.OPEN_QA, 1, relation.yesNoQuestion().text(), (book, slots) -> {
                    Fact claim = new Fact(slots.getOrDefault("s", ""), relation, slots.getOrDefault(value, ""));
                    Optional<Fact> truth = book.fact(claim.subject(), relation);
                    return Exercise.Expected.of(new Expectation.YesNo(truth.isPresent(), book.holds(claim)));
                });
        return exercise.withForms(Form.YES_NO).withSlots((values, book, draw) -> {
            String subject = subject(relation.ofPerson(), book, draw);
            values.put("s", subject);
            String random = book.value(relation, draw);
            values.put(
                    value,
                    draw.chance(0.5)
                            ? random
                            : book.fact(subject, relation).map(Fact::value).orElse(random));
        });
    }

    private static Exercise neverStated(String question, boolean person) {
        Exercise exercise = Exercise.of(
                UseCase.OPEN_QA,
                0.5,
                question,
                (book, slots) -> Exercise.Expected.of(new Expectation.Knowledge(
                        List.of(person ? Relation.JOB : Relation.YEAR), List.of(), 1, false)));
        return exercise.withForms(OPEN_FORMS)
                .withSlots((values, book, draw) -> values.put("s", book.subject(person, draw)));
    }

    private static Exercise closed(Relation relation, Template question) {
        Exercise exercise = Exercise.of(
                UseCase.CLOSED_QA, 1, "Text: {text} " + question.text(), (book, slots) -> fromText(relation, slots));
        return exercise.withForms(Form.PLAIN, Form.PLAIN, Form.ONE_WORD)
                .withSlots((values, book, draw) -> fillText(relation, values, book, draw));
    }

    private static Exercise.Expected fromText(Relation relation, Map<String, String> slots) {
        List<Fact> given = Reading.of(slots.getOrDefault("text", "")).facts();
        List<Fact> truths = given.stream()
                .filter(fact -> fact.relation() == relation && fact.subject().equals(slots.get("s")))
                .toList();
        return new Exercise.Expected(new Expectation.Knowledge(List.of(relation), truths, 1, true), Form.PLAIN, given);
    }

    private static void fillText(Relation relation, Map<String, String> values, FactBook book, Draw draw) {
        String subject = book.character(draw);
        List<Relation> others = new ArrayList<>(Relation.of(relation.ofPerson()));
        others.remove(relation);
        List<Relation> told = new ArrayList<>(List.of(others.remove(draw.below(others.size()))));
        told.add(draw.below(2), draw.chance(NOT_IN_TEXT) ? draw.pick(others) : relation);
        values.put("s", subject);
        values.put("text", TextExercises.text(subject, told, book, draw));
    }
}
