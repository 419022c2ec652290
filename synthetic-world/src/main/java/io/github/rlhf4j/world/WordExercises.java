package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Brainstorming (lists of words), classification (of words and of moods) and other small tasks on words. */
final class WordExercises {
    private static final List<String> LIKING = List.of("liked", "loved", "enjoyed");
    private static final List<String> DISLIKING = List.of("hated", "disliked", "feared");

    private WordExercises() {}

    static List<Exercise> all() {
        List<Exercise> all = new ArrayList<>();
        all.add(list(1, "Name {number} {kinds}."));
        all.add(list(3, "Name {number} {kinds} for {name}."));
        all.add(list(3, "List {number} {kinds} that {name} may like."));
        all.add(list(3, "Give {name} {number} ideas for {kinds}."));
        for (Category category : Numbers.KINDS) {
            all.add(listWithout(category));
            String question = "Is {" + category.singular() + "} a job, a food, an animal or a colour?";
            all.add(Exercise.of(
                    UseCase.CLASSIFICATION,
                    0.3,
                    question,
                    (book, slots) -> Exercise.Expected.phrase(Numbers.capitalized(category.singular()) + ".")));
        }
        for (String noun : List.of("food", "animal", "job")) {
            LIKING.forEach(verb -> all.add(mood(noun, verb, "Positive.")));
            DISLIKING.forEach(verb -> all.add(mood(noun, verb, "Negative.")));
        }
        all.add(words("How many words are here? {text}", words -> Numbers.word(words.size())));
        all.add(words("What is the first word? {text}", words -> words.get(0)));
        all.add(words("What is the last word? {text}", words -> words.get(words.size() - 1)));
        return all;
    }

    private static Exercise list(double weight, String template) {
        return Exercise.of(UseCase.BRAINSTORMING, weight, template, (book, slots) -> {
            Category category = Category.named(slots.getOrDefault("kinds", ""));
            return items(category, slots, "");
        });
    }

    private static Exercise listWithout(Category category) {
        String word = category.singular();
        return Exercise.of(
                UseCase.BRAINSTORMING,
                0.5,
                "Name {number} " + category.plural() + " but not {" + word + "}.",
                (book, slots) -> items(category, slots, slots.getOrDefault(word, "")));
    }

    private static Exercise.Expected items(Category category, Map<String, String> slots, String excluded) {
        int number = Numbers.value(slots.getOrDefault("number", ""));
        return Exercise.Expected.of(new Expectation.Items(category, number, excluded));
    }

    private static Exercise mood(String noun, String verb, String answer) {
        return Exercise.of(
                UseCase.CLASSIFICATION,
                0.3,
                "Positive or negative? {name} " + verb + " the {" + noun + "}.",
                (book, slots) -> Exercise.Expected.phrase(answer));
    }

    @FunctionalInterface
    private interface OnWords {
        String answer(List<String> words);
    }

    private static Exercise words(String template, OnWords rule) {
        return Exercise.of(UseCase.OTHER, 1, template, (book, slots) -> {
                    List<String> words = List.of(slots.getOrDefault("text", "").split(" ", -1));
                    return Exercise.Expected.phrase(Numbers.capitalized(rule.answer(words)) + ".");
                })
                .withSlots((values, book, draw) -> {
                    List<String> words = new ArrayList<>();
                    int count = 2 + draw.below(4);
                    while (words.size() < count) {
                        words.add(draw.pick(draw.pick(Numbers.KINDS).words()));
                    }
                    values.put("text", String.join(" ", words));
                });
    }
}
