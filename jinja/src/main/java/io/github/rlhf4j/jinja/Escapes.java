package io.github.rlhf4j.jinja;

/** Python's escapes inside string literals. */
final class Escapes {
    private static final String FROM = "nrtabfv\\'\"";
    private static final String TO = "\n\r\t\u0007\b\f\u000b\\'\"";

    private Escapes() {}

    static String resolve(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\' || i + 1 == text.length()) {
                out.append(c);
                continue;
            }
            char escape = text.charAt(++i);
            int digits = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
            if (FROM.indexOf(escape) >= 0) {
                out.append(TO.charAt(FROM.indexOf(escape)));
            } else if (digits > 0 && i + digits < text.length()) {
                out.appendCodePoint(Integer.parseInt(text.substring(i + 1, i + 1 + digits), 16));
                i += digits;
            } else if (escape == '0') {
                out.append('\0');
            } else if (escape != '\n') {
                out.append(c).append(escape);
            }
        }
        return out.toString();
    }
}
