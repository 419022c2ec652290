package io.github.rlhf4j.filter.text;

import java.lang.Character.UnicodeScript;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts texts into words, lines and paragraphs. */
public final class TextUnits {
    private static final int FIRST_DENSE = 0x0E00; // Thai; scripts without spaces between words begin here

    private TextUnits() {}

    /** What white space separates, as Python's {@code str.split}: the words of Gopher's and C4's rules. */
    public static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i < text.length(); i++) {
            if (isSpace(text.charAt(i))) {
                if (start >= 0) {
                    words.add(text.substring(start, i));
                    start = -1;
                }
            } else if (start < 0) {
                start = i;
            }
        }
        if (start >= 0) {
            words.add(text.substring(start));
        }
        return words;
    }

    private static boolean isSpace(char character) {
        return character == ' '
                || Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || character == '\u0085';
    }

    /** Runs of letters, marks and digits in lower case; of scripts that put no spaces between words each character. For n-grams that punctuation and case do not change. */
    public static List<String> plainWords(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            boolean isDense = point >= FIRST_DENSE && isDense(point);
            if ((isDense || !isWordPart(point)) && !word.isEmpty()) {
                words.add(word.toString().toLowerCase(Locale.ROOT));
                word.setLength(0);
            }
            if (isDense) {
                words.add(Character.toString(point));
            } else if (isWordPart(point)) {
                word.appendCodePoint(point);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString().toLowerCase(Locale.ROOT));
        }
        return words;
    }

    private static boolean isWordPart(int point) {
        return Character.isLetterOrDigit(point)
                || switch (Character.getType(point)) {
                    case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
                    default -> false;
                };
    }

    /** Whether that character is of a script without spaces between words. */
    static boolean isDense(int point) {
        if (!Character.isLetter(point)) {
            return false;
        }
        UnicodeScript script = UnicodeScript.of(point);
        return script == UnicodeScript.HAN
                || script == UnicodeScript.HIRAGANA
                || script == UnicodeScript.KATAKANA
                || script == UnicodeScript.THAI
                || script == UnicodeScript.LAO
                || script == UnicodeScript.KHMER
                || script == UnicodeScript.MYANMAR;
    }

    /** Lines, as Python's {@code str.splitlines}: an end of line at the end begins none. */
    public static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (isLineEnd(character)) {
                lines.add(text.substring(start, i));
                if (character == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean isLineEnd(char character) {
        return character >= '\n' && character <= '\r'
                || character >= '\u001c' && character <= '\u001e'
                || character == '\u0085'
                || character == '\u2028'
                || character == '\u2029';
    }

    /** Without white space at both ends, as Python's {@code str.strip}. */
    public static String strip(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /** Characters: Unicode code points. */
    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
