package io.github.rlhf4j.pipeline.config;

import java.util.regex.Pattern;

/** Writes texts as YAML scalars. */
final class YamlText {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+-][A-Za-z0-9_./+:@=~-]*");

    private YamlText() {}

    /** {@code text} as it is where YAML reads that back as the same, else in double quotes. */
    static String plainOrQuoted(String text) {
        boolean plain = PLAIN.matcher(text).matches()
                && !text.endsWith(":")
                && !text.equals("-")
                && !text.startsWith("---")
                && !text.equals("...");
        return plain ? text : quoted(text);
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> out.append(c < 0x20 || c == 0x7f ? "\\x%02x".formatted((int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }
}
