package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All patterns of prompts: draws a prompt of a use case, and understands any prompt that it could have drawn. */
final class Exercises {
    private final FactBook book;
    private final Map<UseCase, List<Exercise>> byUseCase = new EnumMap<>(UseCase.class);

    Exercises(FactBook book) {
        this.book = book;
        for (Exercise exercise : all()) {
            byUseCase
                    .computeIfAbsent(exercise.useCase(), useCase -> new ArrayList<>())
                    .add(exercise);
        }
    }

    private static List<Exercise> all() {
        List<Exercise> all = new ArrayList<>();
        all.addAll(WritingExercises.all());
        all.addAll(QuestionExercises.all());
        all.addAll(TextExercises.all());
        all.addAll(WordExercises.all());
        all.addAll(ChatExercises.all());
        return all;
    }

    /** The fixed words of prompts and of the answers that chat and writing expect. */
    static List<String> phrases() {
        List<String> phrases = new ArrayList<>();
        all().forEach(exercise -> phrases.add(exercise.template().text()));
        for (Form form : Form.values()) {
            phrases.add(form.suffix());
        }
        phrases.addAll(ChatExercises.answerWords());
        phrases.addAll(WritingExercises.answerWords());
        return phrases;
    }

    /** A prompt of {@code useCase}, without a line end. */
    String draw(UseCase useCase, Draw draw) {
        List<Exercise> exercises = byUseCase.getOrDefault(useCase, List.of());
        double left = draw.uniform()
                * exercises.stream().mapToDouble(Exercise::weight).sum();
        for (Exercise exercise : exercises) {
            left -= exercise.weight();
            if (left < 0) {
                return exercise.prompt(book, draw);
            }
        }
        return exercises.get(0).prompt(book, draw);
    }

    /** The task of {@code prompt}, spaces around it ignored; empty where the world has no such prompt. */
    Optional<Task> read(String prompt) {
        String stripped = prompt.strip();
        Form form = Form.of(stripped);
        String body = Form.stripped(stripped);
        for (List<Exercise> exercises : byUseCase.values()) {
            for (Exercise exercise : exercises) {
                Optional<Map<String, String>> slots = exercise.template().match(body);
                if (slots.isPresent() && exercise.forms().contains(form)) {
                    return Optional.of(task(exercise, stripped, form, slots.orElseThrow()));
                }
            }
        }
        return Optional.empty();
    }

    private Task task(Exercise exercise, String prompt, Form form, Map<String, String> slots) {
        Exercise.Expected expected = exercise.reader().read(book, slots);
        Form asked = form == Form.PLAIN ? expected.form() : form;
        return new Task(exercise.useCase(), prompt, asked, expected.expectation(), expected.given());
    }
}
