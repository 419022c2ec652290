package io.github.rlhf4j.jinja;

import org.jspecify.annotations.Nullable;

/**
 * How much one rendering may do, so that a template that does not come to an end, or makes a text without end, is an error: about 67 million steps, or a thousand million characters that
 * are made, compared or looked through, or 33 million in one text. Transformers has no such limit; the templates of 2,000 turns stay far below it.
 */
final class Budget {
    /** What a step costs; a character of a text that is made, compared or looked through costs 1. */
    static final int STEP = 16;

    /** What a rendering has. */
    static final long ALL = 1L << 30;

    private static final int LONGEST_TEXT = 1 << 25;
    private static final ThreadLocal<@Nullable Budget> CURRENT = new ThreadLocal<>();

    private long left;

    private Budget(long all) {
        this.left = all;
    }

    /** What is done with a budget of its own. */
    @FunctionalInterface
    interface Work<T> {
        T run();
    }

    static <T> T spending(long all, Work<T> work) {
        Budget outer = CURRENT.get();
        CURRENT.set(new Budget(all));
        try {
            return work.run();
        } finally {
            CURRENT.set(outer);
        }
    }

    /** Takes {@code cost} from the present budget; nothing outside of a rendering. */
    static void spend(long cost) {
        Budget budget = CURRENT.get();
        if (budget == null) {
            return;
        }
        budget.left -= cost;
        if (budget.left < 0) {
            throw new JinjaException("the template does not come to an end: it takes too many steps");
        }
    }

    /** Takes what a list of so many items costs. */
    static void spendItems(long items) {
        spend(items * 4 * STEP);
    }

    /** Appends to a text, which may not become too long. */
    static void append(StringBuilder out, String more) {
        requireShort((long) out.length() + more.length());
        spend(more.length());
        out.append(more);
    }

    /** To be asked before a text of {@code characters} is made. */
    static void spendText(long characters) {
        requireShort(characters);
        spend(characters);
    }

    private static void requireShort(long characters) {
        if (characters > LONGEST_TEXT) {
            throw new JinjaException("the template makes a text of more than 33 million characters");
        }
    }
}
