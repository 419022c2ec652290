package io.github.rlhf4j.rollout;

/** A text that an expression reads so many characters of, however it goes back and forth: past that it is given up. */
final class BudgetedText implements CharSequence {
    private static final long BUDGET = 20_000_000;

    private final String text;
    private final int from;
    private final int to;
    private final long[] left;

    BudgetedText(String text) {
        this(text, 0, text.length(), new long[] {BUDGET});
    }

    private BudgetedText(String text, int from, int to, long[] left) {
        this.text = text;
        this.from = from;
        this.to = to;
        this.left = left;
    }

    /** The expression goes back and forth too much. */
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted() {
            super("the expression reads more than " + BUDGET
                    + " characters of one response, going back and forth; make it simpler");
        }
    }

    @Override
    public char charAt(int index) {
        if (--left[0] < 0) {
            throw new Exhausted();
        }
        return text.charAt(from + index);
    }

    @Override
    public int length() {
        return to - from;
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new BudgetedText(text, from + start, from + end, left);
    }

    @Override
    public String toString() {
        return text.substring(from, to);
    }
}
