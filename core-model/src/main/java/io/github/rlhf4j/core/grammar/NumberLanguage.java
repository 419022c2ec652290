package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Numbers of JSON within bounds, as texts. At most 15 digits before the point (more where a bound has more) and 15 after it; an exponent of one or two digits only where there are no bounds, so a number always fits
 * a double. Never {@code -0}.
 *
 * @param isInteger no point and no exponent
 * @param least lower bound, if there is one
 * @param isAbove whether it must be above the bound
 * @param most upper bound, if there is one
 * @param isBelow whether it must be below the bound
 * @param multipleOf what it must be a multiple of, if anything
 */
record NumberLanguage(
        boolean isInteger,
        Optional<BigDecimal> least,
        boolean isAbove,
        Optional<BigDecimal> most,
        boolean isBelow,
        Optional<BigDecimal> multipleOf) {
    private static final int DIGITS = 15;
    private static final int MOST_REMAINDERS = 20_000;
    private static final Regex DIGIT = new Regex.One(RegexParser.DIGITS);

    Dfa automaton(String what) {
        Regex plain = Regex.sequence(from(BigInteger.ZERO), isInteger ? Regex.EMPTY : Regex.optional(fraction()));
        if (!isInteger && least.isEmpty() && most.isEmpty() && multipleOf.isEmpty()) {
            Regex exponent = RegexParser.parse("(?:[eE][+-]?[0-9]{1,2})?", what);
            return Dfa.of(Regex.sequence(Regex.optional(Regex.text("-")), plain, exponent), what)
                    .and(
                            Dfa.of(RegexParser.parse("-(?:0(?:\\.0+)?|0?)(?:[eE].*)?", what), what)
                                    .not(),
                            what);
        }
        Dfa positive = unsigned(plain, least, isAbove, most, isBelow, what);
        Dfa negative = unsigned(
                        plain, most.map(BigDecimal::negate), isBelow, least.map(BigDecimal::negate), isAbove, what)
                .and(Dfa.of(RegexParser.parse("0(?:\\.0+)?", what), what).not(), what);
        return negative.after('-').or(positive);
    }

    private Dfa unsigned(
            Regex plain,
            Optional<BigDecimal> low,
            boolean isAboveLow,
            Optional<BigDecimal> high,
            boolean isBelowHigh,
            String what) {
        Dfa all = Dfa.of(plain, what);
        if (low.isPresent() && low.get().signum() >= 0) {
            all = all.and(Dfa.of(atLeast(low.get(), isAboveLow), what), what);
        }
        if (high.isPresent()) {
            if (high.get().signum() < 0) {
                return Dfa.NOTHING;
            }
            all = all.and(Dfa.of(atMost(high.get(), isBelowHigh), what), what);
        }
        return multipleOf.isPresent() ? all.and(multiples(multipleOf.get(), what), what) : all;
    }

    private int longest() {
        int longest = DIGITS;
        for (Optional<BigDecimal> bound : List.of(least, most)) {
            if (bound.isPresent()) {
                longest = Math.max(
                        longest, bound.get().toBigInteger().abs().toString().length() + 1);
            }
        }
        return longest;
    }

    private static Regex fraction() {
        return Regex.sequence(Regex.text("."), new Regex.Repeat(DIGIT, 1, DIGITS));
    }

    private static Regex anyFraction() {
        return Regex.optional(Regex.sequence(Regex.text("."), new Regex.Repeat(DIGIT, 1, Regex.Repeat.UNBOUNDED)));
    }

    private static Regex digits(int first, int last) {
        return new Regex.One(first > last ? CodePoints.NONE : CodePoints.of('0' + first, '0' + last));
    }

    /** Whole numbers from one on, none of them longer than is allowed. */
    private Regex from(BigInteger first) {
        List<Regex> options = new ArrayList<>();
        int length = first.toString().length();
        options.add(between(first.toString(), "9".repeat(length)));
        if (length < longest()) {
            options.add(Regex.sequence(digits(1, 9), new Regex.Repeat(DIGIT, length, longest() - 1)));
        }
        return new Regex.Either(options);
    }

    /** Whole numbers up to one, 0 at least. */
    private static Regex upTo(BigInteger last) {
        List<Regex> options = new ArrayList<>();
        String text = last.toString();
        for (int length = 1; length < text.length(); length++) {
            options.add(between(length == 1 ? "0" : "1" + "0".repeat(length - 1), "9".repeat(length)));
        }
        options.add(between(text.length() == 1 ? "0" : "1" + "0".repeat(text.length() - 1), text));
        return new Regex.Either(options);
    }

    /** Texts of digits as long as both, from the one to the other. */
    private static Regex between(String first, String last) {
        if (first.isEmpty()) {
            return Regex.EMPTY;
        }
        if (first.equals("0".repeat(first.length())) && last.equals("9".repeat(first.length()))) {
            return new Regex.Repeat(DIGIT, first.length(), first.length());
        }
        int a = first.charAt(0) - '0';
        int b = last.charAt(0) - '0';
        String restOfFirst = first.substring(1);
        String restOfLast = last.substring(1);
        int rest = restOfFirst.length();
        if (a == b) {
            return Regex.sequence(digits(a, a), between(restOfFirst, restOfLast));
        }
        return Regex.either(
                Regex.sequence(digits(a, a), between(restOfFirst, "9".repeat(rest))),
                Regex.sequence(digits(a + 1, b - 1), new Regex.Repeat(DIGIT, rest, rest)),
                Regex.sequence(digits(b, b), between("0".repeat(rest), restOfLast)));
    }

    private static String fractionOf(BigDecimal number) {
        String plain = number.stripTrailingZeros().toPlainString();
        int point = plain.indexOf('.');
        return point < 0 ? "" : plain.substring(point + 1);
    }

    private Regex atLeast(BigDecimal bound, boolean isStrict) {
        BigInteger whole = bound.toBigInteger();
        return Regex.either(
                Regex.sequence(from(whole.add(BigInteger.ONE)), anyFraction()),
                Regex.sequence(Regex.text(whole.toString()), fractionAtLeast(fractionOf(bound), isStrict)));
    }

    private static Regex fractionAtLeast(String bound, boolean isStrict) {
        return bound.isEmpty() && !isStrict
                ? anyFraction()
                : Regex.sequence(Regex.text("."), digitsAtLeast(bound, isStrict));
    }

    private static Regex anyDigits() {
        return new Regex.Repeat(DIGIT, 0, Regex.Repeat.UNBOUNDED);
    }

    private static Regex digitsAtLeast(String bound, boolean isStrict) {
        if (bound.isEmpty()) {
            return isStrict
                    ? Regex.sequence(
                            new Regex.Repeat(digits(0, 0), 0, Regex.Repeat.UNBOUNDED), digits(1, 9), anyDigits())
                    : anyDigits();
        }
        int d = bound.charAt(0) - '0';
        return Regex.either(
                Regex.sequence(digits(d + 1, 9), anyDigits()),
                Regex.sequence(digits(d, d), digitsAtLeast(bound.substring(1), isStrict)));
    }

    private static Regex atMost(BigDecimal bound, boolean isStrict) {
        BigInteger whole = bound.toBigInteger();
        Regex equal = Regex.sequence(Regex.text(whole.toString()), fractionAtMost(fractionOf(bound), isStrict));
        return whole.signum() == 0
                ? equal
                : Regex.either(Regex.sequence(upTo(whole.subtract(BigInteger.ONE)), anyFraction()), equal);
    }

    private static Regex fractionAtMost(String bound, boolean isStrict) {
        if (bound.isEmpty()) {
            Regex zeros = Regex.optional(
                    Regex.sequence(Regex.text("."), new Regex.Repeat(digits(0, 0), 1, Regex.Repeat.UNBOUNDED)));
            return isStrict ? new Regex.One(CodePoints.NONE) : zeros;
        }
        return Regex.optional(Regex.sequence(Regex.text("."), digitsAtMost(bound, isStrict, true)));
    }

    private static Regex digitsAtMost(String bound, boolean isStrict, boolean isFirst) {
        if (bound.isEmpty()) {
            return isStrict
                    ? new Regex.One(CodePoints.NONE)
                    : new Regex.Repeat(digits(0, 0), 0, Regex.Repeat.UNBOUNDED);
        }
        int d = bound.charAt(0) - '0';
        Regex more = Regex.either(
                Regex.sequence(digits(0, d - 1), anyDigits()),
                Regex.sequence(digits(d, d), digitsAtMost(bound.substring(1), isStrict, false)));
        return isFirst ? more : Regex.optional(more); // digits that are not there are zeros
    }

    /** Unsigned multiples: the automaton's state is the remainder. */
    private static Dfa multiples(BigDecimal of, String what) {
        BigDecimal stripped = of.stripTrailingZeros();
        int places = Math.max(0, stripped.scale());
        BigInteger unit = stripped.setScale(places).unscaledValue();
        if (unit.compareTo(BigInteger.valueOf(MOST_REMAINDERS)) > 0) {
            throw new UserError(what + " has multipleOf " + of.toPlainString()
                    + ", which is not supported: it must have at most " + MOST_REMAINDERS
                    + " remainders (without the point it is " + unit + ")");
        }
        int remainders = unit.intValue();
        List<int[]> edges = new ArrayList<>(); // 0: nothing yet; then for -1, 0, ..., places: a state a remainder
        BitSet ends = new BitSet();
        edges.add(digitEdges(0, 1, remainders));
        for (int place = -1; place <= places; place++) { // -1: before the point
            int offset = 1 + (place + 1) * remainders;
            for (int r = 0; r < remainders; r++) {
                int state = offset + r;
                BigInteger left = BigInteger.valueOf(r).multiply(BigInteger.TEN.pow(places - Math.max(place, 0)));
                ends.set(state, place != 0 && left.mod(unit).signum() == 0);
                if (place < 0) {
                    int[] digits = digitEdges(r, offset, remainders);
                    int[] all = places == 0 ? digits : new int[digits.length + 3];
                    if (places > 0) {
                        all[0] = '.';
                        all[1] = '.';
                        all[2] = 1 + remainders + r;
                        System.arraycopy(digits, 0, all, 3, digits.length);
                    }
                    edges.add(all);
                } else {
                    edges.add(place < places ? digitEdges(r, offset + remainders, remainders) : new int[0]);
                }
            }
        }
        return Dfa.trimmed(edges, ends);
    }

    private static int[] digitEdges(int remainder, int offset, int remainders) {
        int[] edges = new int[30];
        for (int d = 0; d < 10; d++) {
            edges[3 * d] = '0' + d;
            edges[3 * d + 1] = '0' + d;
            edges[3 * d + 2] = offset + (int) ((remainder * 10L + d) % remainders);
        }
        return edges;
    }
}
