package io.github.rlhf4j.filter;

/**
 * What a rule says of a row.
 *
 * @param text the row's text, which a rule may have shortened
 * @param reason the key of the rule that removes the row; empty: it stays
 * @param detail what was found, for people
 */
public record Judgement(String text, String reason, String detail) {
    /** The row stays. */
    public static Judgement keep(String text) {
        return new Judgement(text, "", "");
    }

    /** The row goes. */
    public static Judgement remove(String text, String reason, String detail) {
        return new Judgement(text, reason, detail);
    }

    /** Whether the row stays. */
    public boolean isKept() {
        return reason.isEmpty();
    }
}
