package io.github.rlhf4j.web.lines;

import java.util.Arrays;

/**
 * Walks over one line that is a JSON object and tells its numbers, truth values and texts with their keys; the keys of an object within are its own key, a dot and theirs. Lists, nulls and deeper objects are passed over. Numbers are
 * exact to about 1e-15 of themselves, which is enough to draw and to sort; it is many times faster than a parser that makes objects.
 */
public final class LineScanner {
    private static final double[] POWERS = powers();
    private static final int MOST_DIGITS = 18;
    private static final int MOST_EXPECTED = 200;
    private static final int DEEPEST = 500; // objects and lists in each other; what is deeper is no line of ours
    private static final int NO_KEY = -3;
    private static final byte[] NEVER = {0};

    private final KeyTable keys;
    private byte[][] expected = new byte[0]
            []; // the outermost keys of the last line with quotation marks and colon: mostly the next line has the same
    private int[] expectedKeys = {};
    private byte[] line = {};
    private int at;
    private int end;
    private int depth;

    /** @param keys numbers the keys */
    public LineScanner(KeyTable keys) {
        this.keys = keys;
    }

    /** Hears what is in a line. */
    public interface Sink {
        /** A number, or a truth value as 1 or 0. */
        void number(int key, double value);

        /** A text: bytes between its quotation marks, escapes as they are. */
        default void text(int key, byte[] bytes, int from, int to) {}
    }

    private static double[] powers() {
        double[] powers = new double[309];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = Double.parseDouble("1e" + i);
        }
        return powers;
    }

    /**
     * Walks over {@code bytes[from..to)}.
     *
     * @return false where that is no whole object; the sink may have heard a part of it
     */
    public boolean scan(byte[] bytes, int from, int to, Sink sink) {
        line = bytes;
        at = from;
        end = to;
        depth = 0;
        skipSpace();
        return members(KeyTable.ROOT, sink);
    }

    private boolean members(int parent, Sink sink) {
        if (!take('{')) {
            return false;
        }
        skipSpace();
        if (take('}')) {
            return true;
        }
        for (int member = 0; ; member++) {
            skipSpace();
            int key = parent == KeyTable.ROOT && isExpected(member) ? expectedKeys[member] : key(parent, member);
            if (key == NO_KEY) {
                return false;
            }
            skipSpace();
            if (!value(key, parent, sink)) {
                return false;
            }
            skipSpace();
            if (take('}')) {
                return true;
            }
            if (!take(',')) {
                return false;
            }
        }
    }

    /** Whether the key that the last line had in this place comes next; it is passed over then. */
    private boolean isExpected(int member) {
        if (member >= expected.length) {
            return false;
        }
        byte[] literal = expected[member];
        if (at + literal.length > end || !Arrays.equals(literal, 0, literal.length, line, at, at + literal.length)) {
            return false;
        }
        at += literal.length;
        return true;
    }

    /** A key and its colon, looked up. */
    private int key(int parent, int member) {
        int from = at;
        if (!string()) {
            return NO_KEY;
        }
        int key = parent == KeyTable.PASSED_OVER ? parent : keys.number(parent, line, from + 1, at - 1);
        boolean isPlain = at < end && line[at] == ':';
        skipSpace();
        if (!take(':')) {
            return NO_KEY;
        }
        if (parent == KeyTable.ROOT && isPlain && member < MOST_EXPECTED) {
            expect(member, Arrays.copyOfRange(line, from, at), key);
        }
        return key;
    }

    private void expect(int member, byte[] literal, int key) {
        if (member >= expected.length) {
            int before = expected.length;
            expected = Arrays.copyOf(expected, member + 1);
            expectedKeys = Arrays.copyOf(expectedKeys, member + 1);
            Arrays.fill(expected, before, member + 1, NEVER);
        }
        expected[member] = literal;
        expectedKeys[member] = key;
    }

    private boolean value(int key, int parent, Sink sink) {
        if (at >= end) {
            return false;
        }
        switch (line[at]) {
            case '"':
                int from = at + 1;
                if (!string()) {
                    return false;
                }
                if (key != KeyTable.PASSED_OVER) {
                    sink.text(key, line, from, at - 1);
                }
                return true;
            case '{', '[':
                if (depth >= DEEPEST) {
                    return false;
                }
                depth++;
                boolean isWhole = line[at] == '['
                        ? list(sink)
                        : members(parent == KeyTable.ROOT ? key : KeyTable.PASSED_OVER, sink);
                depth--;
                return isWhole;
            case 't':
                return word("true", key, 1, sink);
            case 'f':
                return word("false", key, 0, sink);
            case 'n':
                return word("null", KeyTable.PASSED_OVER, 0, sink);
            default:
                return number(key, sink);
        }
    }

    private boolean list(Sink sink) {
        at++;
        skipSpace();
        if (take(']')) {
            return true;
        }
        while (true) {
            skipSpace();
            if (!value(KeyTable.PASSED_OVER, KeyTable.PASSED_OVER, sink)) {
                return false;
            }
            skipSpace();
            if (take(']')) {
                return true;
            }
            if (!take(',')) {
                return false;
            }
        }
    }

    private boolean word(String word, int key, double value, Sink sink) {
        if (end - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (line[at + i] != word.charAt(i)) {
                return false;
            }
        }
        at += word.length();
        if (key != KeyTable.PASSED_OVER) {
            sink.number(key, value);
        }
        return true;
    }

    private boolean number(int key, Sink sink) {
        boolean negative = take('-');
        int first = at;
        long digits = 0;
        int taken = 0;
        int exponent = 0;
        boolean fraction = false;
        for (; at < end; at++) {
            byte b = line[at];
            if (b == '.' && !fraction) {
                fraction = true;
            } else if (b < '0' || b > '9') {
                break;
            } else if (taken < MOST_DIGITS) {
                digits = digits * 10 + (b - '0');
                taken += digits == 0 ? 0 : 1;
                exponent -= fraction ? 1 : 0;
            } else {
                exponent += fraction ? 0 : 1;
            }
        }
        if (at == first) {
            return false;
        }
        if (at < end && (line[at] == 'e' || line[at] == 'E')) {
            at++;
            boolean below = take('-');
            if (!below) {
                take('+');
            }
            int power = 0;
            int start = at;
            for (; at < end && line[at] >= '0' && line[at] <= '9'; at++) {
                power = Math.min(9999, power * 10 + (line[at] - '0'));
            }
            if (at == start) {
                return false;
            }
            exponent += below ? -power : power;
        }
        if (key != KeyTable.PASSED_OVER) {
            double value = scaled(digits, exponent);
            sink.number(key, negative ? -value : value);
        }
        return true;
    }

    private static double scaled(long digits, int exponent) {
        if (exponent >= 0) {
            return exponent < POWERS.length ? digits * POWERS[exponent] : digits == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        if (-exponent < POWERS.length) {
            return digits / POWERS[-exponent];
        }
        int rest = -exponent - (POWERS.length - 1);
        return rest < POWERS.length ? digits / POWERS[POWERS.length - 1] / POWERS[rest] : 0;
    }

    /** Passes over a string; afterwards the closing quotation mark is the byte before. */
    private boolean string() {
        if (!take('"')) {
            return false;
        }
        while (at < end) {
            byte b = line[at++];
            if (b == '"') {
                return true;
            }
            if (b == '\\') {
                at++;
            }
        }
        return false;
    }

    private boolean take(char wanted) {
        if (at < end && line[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < end && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r')) {
            at++;
        }
    }
}
