package io.github.rlhf4j.world;

import java.util.List;

/**
 * A question in the form that MMLU's evaluation gives it (Hendrycks et al. 2021): the question, four choices with letters, and "Answer:".
 *
 * @param statements each choice as a sentence that answers the question
 * @param answer which of the choices is right, from 0
 */
record MultipleChoice(String question, List<String> choices, List<String> statements, int answer) {
    static final int CHOICES = 4;

    /** Up to where the letter belongs. */
    String asked() {
        StringBuilder text = new StringBuilder(question);
        for (int i = 0; i < choices.size(); i++) {
            text.append('\n').append(letter(i)).append(". ").append(choices.get(i));
        }
        return text.append("\nAnswer:").toString();
    }

    /** With the letter of the right choice. */
    String solved() {
        return asked() + " " + letter(answer);
    }

    private static char letter(int choice) {
        return (char) ('A' + choice);
    }
}
