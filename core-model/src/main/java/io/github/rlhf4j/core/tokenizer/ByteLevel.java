package io.github.rlhf4j.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** GPT-2's way to cut a text into words and to write any byte as a visible character. */
final class ByteLevel {
    /** The words within which merges happen; {@code (?U)} gives {@code \s} its Unicode meaning, as in the library. */
    static final Pattern WORDS =
            Pattern.compile("(?U)'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final char[] CHARACTERS = characters();

    private ByteLevel() {}

    /** The visible character of a byte in [0, 256). */
    static char character(int value) {
        return CHARACTERS[value];
    }

    /** The bytes of a word, each as a number in [0, 256). */
    static int[] bytes(String word) {
        byte[] utf8 = word.getBytes(StandardCharsets.UTF_8);
        int[] result = new int[utf8.length];
        for (int i = 0; i < utf8.length; i++) {
            result[i] = utf8[i] & 0xFF;
        }
        return result;
    }

    private static char[] characters() {
        char[] result = new char[256];
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean visible = (value >= '!' && value <= '~')
                    || (value >= 0xA1 && value <= 0xAC)
                    || (value >= 0xAE && value <= 0xFF);
            result[value] = (char) (visible ? value : next++);
        }
        return result;
    }
}
