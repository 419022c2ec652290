package io.github.rlhf4j.jinja;

/** Looks for a text in another, at the cost of what is compared: a long text that nearly occurs everywhere takes hours otherwise. */
final class Search {
    private static final int SHORT = 16; // characters that are compared as if they were one

    private Search() {}

    /** Where {@code part} begins first, at {@code from} or later; -1 where it does not. */
    static int first(String text, String part, int from) {
        if (part.length() <= SHORT) {
            int at = text.indexOf(part, from);
            Budget.spend(Math.max(0, (at < 0 ? text.length() : at) - from));
            return at;
        }
        int last = text.length() - part.length();
        for (int at = from; at <= last; at++) {
            if (isAt(text, part, at)) {
                return at;
            }
        }
        return -1;
    }

    /** Where {@code part} begins last; -1 where it does not. */
    static int last(String text, String part) {
        if (part.length() <= SHORT) {
            int at = text.lastIndexOf(part);
            Budget.spend(text.length() - Math.max(0, at));
            return at;
        }
        int at = text.length() - part.length();
        while (at >= 0 && !isAt(text, part, at)) {
            at--;
        }
        return Math.max(at, -1);
    }

    private static boolean isAt(String text, String part, int at) {
        int same = 0;
        while (same < part.length() && text.charAt(at + same) == part.charAt(same)) {
            same++;
        }
        Budget.spend(same + 1L);
        return same == part.length();
    }
}
