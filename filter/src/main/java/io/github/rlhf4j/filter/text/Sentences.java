package io.github.rlhf4j.filter.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts sentences: a run of {@code . ! ?} or of their like in other scripts ends one where white space or the end of the text follows, quotes and brackets aside; so abbreviations count too. */
public final class Sentences {
    private static final Pattern END = Pattern.compile(
            "[.!?\u2026\u3002\uff01\uff1f\u061f\u0964\u06d4]+[\"'\u201d\u2019\u00bb)\\]]*(?=\\s|$)|[\u3002\uff01\uff1f]+");

    private Sentences() {}

    /** Sentences of a text; what follows the last end is one more. */
    public static int count(String text) {
        Matcher ends = END.matcher(text);
        int count = 0;
        int last = 0;
        while (ends.find()) {
            count++;
            last = ends.end();
        }
        return text.substring(last).isBlank() ? count : count + 1;
    }
}
