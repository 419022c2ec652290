package io.github.rlhf4j.world;

import java.util.List;

/** Small numbers in words, and the kinds of words that lists are made of. */
final class Numbers {
    static final List<String> WORDS = List.of("one", "two", "three", "four", "five", "six");
    static final List<String> LISTS = List.of("two", "three", "four");
    static final List<Category> KINDS = List.of(Category.JOB, Category.FOOD, Category.ANIMAL, Category.COLOUR);

    private Numbers() {}

    static int value(String word) {
        return WORDS.indexOf(word) + 1;
    }

    static String word(int value) {
        return WORDS.get(value - 1);
    }

    static String capitalized(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
