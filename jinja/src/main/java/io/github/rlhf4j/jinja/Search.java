package io.github.rlhf4j.jinja;

/** Looks for a text in another, at the cost of what is compared: a long text that nearly occurs everywhere takes hours otherwise. */
final class Search {
    private static final int SHORT = 4; // characters that are compared as if they were one
    private static final int AT_ONCE = 1 << 16; // of the cost

    private final String text;
    private final String part;
    private long cost; // not spent yet

    private Search(String text, String part) {
        this.text = text;
        this.part = part;
    }

    /** Where {@code part} begins first, at {@code from} or later; -1 where it does not. */
    static int first(String text, String part, int from) {
        if (part.length() <= SHORT) {
            int at = text.indexOf(part, from);
            Budget.spend(Math.max(0, (at < 0 ? text.length() : at) - from));
            return at;
        }
        return new Search(text, part).along(from, 1);
    }

    /** Where {@code part} begins last; -1 where it does not. */
    static int last(String text, String part) {
        return new Search(text, part).along(text.length() - part.length(), -1);
    }

    private int along(int from, int step) {
        int last = text.length() - part.length();
        for (int at = from; at >= 0 && at <= last; at += step) {
            if (isAt(at)) {
                Budget.spend(cost);
                return at;
            }
        }
        Budget.spend(cost);
        return -1;
    }

    private boolean isAt(int at) {
        int same = 0;
        while (same < part.length() && text.charAt(at + same) == part.charAt(same)) {
            same++;
        }
        cost += same + 1;
        if (cost > AT_ONCE) {
            Budget.spend(cost);
            cost = 0;
        }
        return same == part.length();
    }
}
