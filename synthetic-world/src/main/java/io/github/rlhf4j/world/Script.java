package io.github.rlhf4j.world;

import java.util.ArrayList;
import java.util.List;

/** How an invented language is written: its syllables, in three sets that do not meet, for the first and the second syllable of a word's root and for its marks. So no root is part of another word. */
enum Script {
    LATIN("bdgl", "mnprst", "aeiou", "sh th"),
    CYRILLIC("бвгд", "зклмнп", "аеиоу", "р с"),
    LATIN_SECOND("cfhk", "jqvwxz", "aeiou", "ch kh"),
    CHARACTERS(0x6000, 0x7000, 0x5000),
    SYLLABLES(0x30a2, 0x30ca, 0x3042),
    LATIN_ACCENTS("bdgl", "mnprst", "áéíóú", "v z");

    private final List<String> first;
    private final List<String> second;
    private final List<String> marks;

    Script(String firstConsonants, String secondConsonants, String vowels, String markConsonants) {
        first = syllables(List.of(firstConsonants.split("")), vowels);
        second = syllables(List.of(secondConsonants.split("")), vowels);
        marks = syllables(List.of(markConsonants.split(" ")), vowels);
    }

    Script(int firstCharacter, int secondCharacter, int markCharacter) {
        first = characters(firstCharacter, 30);
        second = characters(secondCharacter, 30);
        marks = characters(markCharacter, 10);
    }

    private static List<String> syllables(List<String> consonants, String vowels) {
        List<String> syllables = new ArrayList<>();
        for (String consonant : consonants) {
            vowels.chars().forEach(vowel -> syllables.add(consonant + (char) vowel));
        }
        return List.copyOf(syllables);
    }

    private static List<String> characters(int from, int count) {
        List<String> characters = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            characters.add(Character.toString(from + i));
        }
        return List.copyOf(characters);
    }

    List<String> first() {
        return first;
    }

    List<String> second() {
        return second;
    }

    List<String> marks() {
        return marks;
    }
}
