package io.github.rlhf4j.core.tokenizer;

/** Texts that can be written as UTF-8: JSON may hold halves of characters, which cannot. */
public final class ValidText {
    private ValidText() {}

    /** The text with U+FFFD for each lone surrogate; itself where there is none, which is nearly always. */
    public static String of(String text) {
        StringBuilder copy = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (copy == null) {
                copy = new StringBuilder(text);
            }
            copy.setCharAt(i, '\uFFFD');
        }
        return copy == null ? text : copy.toString();
    }
}
