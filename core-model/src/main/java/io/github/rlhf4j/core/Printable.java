package io.github.rlhf4j.core;

/**
 * Text that others have written (data, names of files and columns, a model's answers), as a terminal may show it: its control characters, which could clear the screen or lie about what was
 * printed, are written as {@code \u001b}.
 */
public final class Printable {
    private static final int DELETE = 0x7F;
    private static final int LAST_CONTROL = 0x9F; // of those that ISO 8859 added, among them one that begins a command

    private Printable() {}

    /** Of several lines: line feeds and tabs stay. The same text where nothing is to be done. */
    public static String text(String text) {
        return escaped(text, true);
    }

    /** Of one line: line feeds are escaped too. */
    public static String line(String text) {
        return escaped(text, false);
    }

    private static String escaped(String text, boolean hasLines) {
        StringBuilder escaped = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isShown = !isControl(c) || c == '\t' || (hasLines && c == '\n');
            if (escaped == null && !isShown) {
                escaped = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (escaped != null) {
                escaped.append(isShown ? String.valueOf(c) : escape(c));
            }
        }
        return escaped == null ? text : escaped.toString();
    }

    /** Whether a character is one that a terminal obeys rather than shows. */
    public static boolean isControl(int c) {
        return c < ' ' || (c >= DELETE && c <= LAST_CONTROL);
    }

    /** How a control character is written. */
    public static String escape(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            default -> String.format("\\u%04x", c);
        };
    }
}
