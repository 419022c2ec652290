package io.github.rlhf4j.evaluation;

import java.util.regex.Pattern;

/** What can be measured on any answer. */
final class TextMeasures {
    /** One or more finished sentences of printable characters: a capital, digit or opening quote first, a full stop, question or exclamation mark last. */
    private static final Pattern SENTENCES =
            Pattern.compile("[\"'(\\p{Lu}\\p{Lo}\\p{N}][^\\p{Cc}\\uFFFD]*[.!?][\"')]*", Pattern.DOTALL);

    private TextMeasures() {}

    static void measure(Answer answer) {
        answer.measure("length", answer.ids().length);
        answer.measure("ended", answer.ended());
        answer.measure("readable", isReadable(answer.text()));
    }

    static boolean isReadable(String text) {
        return SENTENCES.matcher(text.strip().replace('\n', ' ')).matches();
    }
}
