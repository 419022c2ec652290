package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Generation: sentences about known people and places, stories about two things, short notes. */
final class WritingExercises {
    private static final Map<String, String> NOTES = new LinkedHashMap<>();

    static {
        NOTES.put("Thank {name} for the {food}.", "Dear {name}, thank you for the {food}.");
        NOTES.put("Write a note to thank {name} for the {animal}.", "Dear {name}, thank you for the {animal}.");
        NOTES.put("Invite {name} to {place}.", "Dear {name}, please come to {place}.");
        NOTES.put("Write a birthday wish for {name}.", "Happy birthday, dear {name}.");
        NOTES.put("Write an advert for the {food} of {name}.", "Try the {food} of {name}.");
    }

    private WritingExercises() {}

    static List<Exercise> all() {
        List<Exercise> all = new ArrayList<>(List.of(
                about(3, "Write a sentence about {subject}.", 1),
                about(1.5, "Tell me something about {subject}.", 1),
                about(1.5, "Write two sentences about {subject}.", 2),
                story(2, "Write a story about a {animal} and {food}.", "animal", "food"),
                story(2, "Write a story about a {job} and a {animal}.", "job", "animal"),
                story(1, "Tell a story with a {animal} and {food}.", "animal", "food")));
        NOTES.forEach((prompt, answer) -> all.add(note(prompt, answer)));
        return all;
    }

    static Collection<String> answerWords() {
        return NOTES.values();
    }

    private static Exercise about(double weight, String template, int sentences) {
        Exercise exercise = Exercise.of(UseCase.GENERATION, weight, template, (book, slots) -> {
            List<Fact> facts = book.facts(slots.getOrDefault("subject", ""));
            int wanted = Math.max(1, Math.min(sentences, facts.size()));
            return Exercise.Expected.of(new Expectation.Knowledge(List.of(), facts, wanted, false));
        });
        return exercise.withForms(
                Form.PLAIN, Form.PLAIN, Form.PLAIN, Form.CAPITALS, Form.FRENCH, Form.GERMAN, Form.SPANISH);
    }

    private static Exercise story(double weight, String template, String first, String second) {
        Exercise exercise = Exercise.of(
                UseCase.GENERATION,
                weight,
                template,
                (book, slots) ->
                        Exercise.Expected.of(new Expectation.Story(List.of(slot(slots, first), slot(slots, second)))));
        return exercise.withForms(Form.PLAIN, Form.PLAIN, Form.ONE_SENTENCE, Form.TWO_SENTENCES, Form.CAPITALS);
    }

    private static Exercise note(String template, String answer) {
        Template text = Template.of(answer);
        return Exercise.of(
                UseCase.GENERATION, 1, template, (book, slots) -> Exercise.Expected.phrase(text.fill(slots)));
    }

    private static String slot(Map<String, String> slots, String name) {
        return slots.getOrDefault(name, "");
    }
}
