package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions as Python, Java and ECMAScript write them, in the part that a language without memory has: no back-references, no look-around, no word boundaries. {@code \d}, {@code \w} and {@code \s} mean
 * ASCII, as in ECMAScript and JSON Schema (whose {@code \s} has Unicode's spaces too). A lazy quantifier means what the greedy one does, since the set of texts is the same.
 */
final class RegexParser {
    static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD =
            DIGITS.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of('_'));
    private static final CodePoints SPACE = CodePoints.of(
                    "\t\n\u000B\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF")
            .or(CodePoints.of(0x2000, 0x200A));
    private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u2028\u2029");
    private static final int DEEPEST = 250;
    private static final int MOST_REPEATS = 100_000;

    private final String given;
    private final String what;
    private final int[] text;
    private int at;
    private int depth;

    private RegexParser(String given, String what) {
        this.given = given;
        this.what = what;
        this.text = given.codePoints().toArray();
    }

    /**
     * Reads an expression.
     *
     * @param what it is called in messages
     * @throws UserError where it is none, or has something that a language without memory has not
     */
    static Regex parse(String expression, String what) {
        RegexParser parser = new RegexParser(expression, what);
        Regex whole = parser.either();
        if (parser.at < parser.text.length) {
            throw parser.error("has a ) without its (");
        }
        return whole;
    }

    private UserError error(String problem) {
        return new UserError(what + " \"" + given + "\" " + problem + ", at character " + (at + 1));
    }

    private boolean has(int c) {
        return at < text.length && text[at] == c;
    }

    private boolean hasText(String next) {
        if (at + next.length() > text.length) {
            return false;
        }
        for (int i = 0; i < next.length(); i++) {
            if (text[at + i] != next.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int take() {
        if (at >= text.length) {
            throw error("ends too early");
        }
        return text[at++];
    }

    private Regex either() {
        if (++depth > DEEPEST) {
            throw error("has groups nested deeper than " + DEEPEST);
        }
        List<Regex> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (take('|'));
        depth--;
        return options.size() == 1 ? options.get(0) : new Regex.Either(options);
    }

    private boolean take(int c) {
        boolean isThere = has(c);
        at += isThere ? 1 : 0;
        return isThere;
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (at < text.length && !has('|') && !has(')')) {
            parts.add(quantified(atom()));
        }
        return parts.size() == 1 ? parts.get(0) : new Regex.Sequence(parts);
    }

    private Regex quantified(Regex atom) {
        int[] bounds = bounds();
        if (bounds.length == 0) {
            return atom;
        }
        if (take('+')) {
            throw error("has a possessive quantifier, which is not supported");
        }
        take('?'); // lazy
        Regex repeated = new Regex.Repeat(atom, bounds[0], bounds[1]);
        if (bounds().length > 0) {
            throw error("repeats a repetition: put the inner one in brackets");
        }
        return repeated;
    }

    /** Least and most; empty where no quantifier follows. */
    private int[] bounds() {
        if (take('*')) {
            return new int[] {0, Regex.Repeat.UNBOUNDED};
        }
        if (take('+')) {
            return new int[] {1, Regex.Repeat.UNBOUNDED};
        }
        if (take('?')) {
            return new int[] {0, 1};
        }
        int start = at;
        if (take('{')) {
            int least = number();
            boolean isRange = take(',');
            int most = isRange ? number() : least;
            if ((least >= 0 || most >= 0) && take('}')) {
                least = Math.max(least, 0);
                if (isRange && most >= 0 && most < least || most > MOST_REPEATS || least > MOST_REPEATS) {
                    throw error("has a quantifier that is out of order or beyond " + MOST_REPEATS);
                }
                return new int[] {least, most};
            }
            at = start; // a brace as it is, as everywhere
        }
        return new int[0];
    }

    private int number() {
        long value = -1;
        while (at < text.length && DIGITS.contains(text[at]) && value <= MOST_REPEATS) {
            value = Math.max(value, 0) * 10 + text[at++] - '0';
        }
        return (int) value;
    }

    private Regex atom() {
        int c = take();
        return switch (c) {
            case '(' -> group();
            case '[' -> new Regex.One(characterClass());
            case '.' -> new Regex.One(LINE_ENDS.not());
            case '^' -> new Regex.Edge(false);
            case '$' -> new Regex.Edge(true);
            case '*', '+', '?' -> throw error("has a quantifier with nothing before it");
            case '\\' -> escape();
            default -> new Regex.One(CodePoints.of(c));
        };
    }

    private Regex group() {
        if (take('?')) {
            if (hasText("=") || hasText("!") || hasText("<=") || hasText("<!")) {
                throw error("has look-around, which is not supported");
            }
            if (!take(':')) {
                take('P');
                if (!take('<')) {
                    throw error("has a kind of group that is not supported");
                }
                while (take() != '>') {} // its name
            }
        }
        Regex inner = either();
        if (!take(')')) {
            throw error("has a ( without its )");
        }
        return inner;
    }

    private Regex escape() {
        int c = take();
        if (c == 'b' || c == 'B') {
            throw error("has a word boundary, which is not supported");
        }
        if (c >= '1' && c <= '9' || c == 'k') {
            throw error("has a back-reference, which is not supported");
        }
        if (c == 'A') {
            return new Regex.Edge(false);
        }
        if (c == 'Z' || c == 'z') {
            return new Regex.Edge(true);
        }
        return new Regex.One(escaped(c));
    }

    private CodePoints escaped(int c) {
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.not();
            case 'w' -> WORD;
            case 'W' -> WORD.not();
            case 's' -> SPACE;
            case 'S' -> SPACE.not();
            case 'p' -> property();
            case 'P' -> property().not();
            default -> CodePoints.of(escapedCharacter(c));
        };
    }

    private int escapedCharacter(int c) {
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case '0' -> 0;
            case 'c' -> take() & 0x1F;
            case 'x' -> hex(2);
            case 'u' -> take('{') ? hexUntilBrace() : unit();
            default -> {
                if (WORD.contains(c) && c != '_') {
                    throw error("has the escape \\" + Character.toString(c) + ", which is not known");
                }
                yield c;
            }
        };
    }

    /** Four digits, or a surrogate pair of two times four. */
    private int unit() {
        int high = hex(4);
        if (Character.isHighSurrogate((char) high) && hasText("\\u")) {
            at += 2;
            return Character.toCodePoint((char) high, (char) hex(4));
        }
        return high;
    }

    private int hexUntilBrace() {
        int value = 0;
        while (!take('}')) {
            value = value * 16 + digit();
            if (value > CodePoints.MAX) {
                throw error("has a character beyond Unicode");
            }
        }
        return value;
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            value = value * 16 + digit();
        }
        return value;
    }

    private int digit() {
        int value = Character.digit(take(), 16);
        if (value < 0) {
            throw error("needs a hexadecimal digit");
        }
        return value;
    }

    private CodePoints property() {
        if (!take('{')) {
            throw error("needs a property in braces, such as \\p{L}");
        }
        StringBuilder name = new StringBuilder();
        while (!has('}')) {
            name.appendCodePoint(take());
        }
        at++;
        return property(name.toString())
                .orElseThrow(() -> error("has the property \\p{" + name + "}, which is not known"));
    }

    private static Optional<CodePoints> property(String name) {
        String javas = name.replaceFirst("^(Script|sc|Script_Extensions|scx)=", "Is")
                .replaceFirst("^(General_Category|gc)=", "");
        for (String spelling : List.of(javas, "Is" + javas)) {
            try {
                Pattern pattern = Pattern.compile("\\p{" + spelling + "}");
                return Optional.of(CodePoints.where(
                        c -> pattern.matcher(Character.toString(c)).matches()));
            } catch (PatternSyntaxException e) {
                // the next spelling
            }
        }
        return letterCategory(javas);
    }

    /** ECMAScript's long names. */
    private static Optional<CodePoints> letterCategory(String name) {
        return switch (name) {
            case "Letter" -> property("L");
            case "Number" -> property("N");
            case "Punctuation" -> property("P");
            case "Symbol" -> property("S");
            case "Mark" -> property("M");
            case "Uppercase_Letter" -> property("Lu");
            case "Lowercase_Letter" -> property("Ll");
            case "Decimal_Number" -> property("Nd");
            default -> Optional.empty();
        };
    }

    private CodePoints characterClass() {
        boolean isNegated = take('^');
        CodePoints set = CodePoints.NONE;
        boolean isFirst = true;
        while (isFirst && has(']') && hasLaterBracket() || !has(']')) {
            isFirst = false;
            set = set.or(classItem());
        }
        at++;
        return isNegated ? set.not() : set;
    }

    /** Python's {@code []...]}: a bracket in the first place is one of the characters, where another one closes. */
    private boolean hasLaterBracket() {
        for (int i = at + 1; i < text.length; i++) {
            if (text[i] == ']') {
                return true;
            }
            if (text[i] == '[') {
                return false;
            }
        }
        return false;
    }

    private CodePoints classItem() {
        int c = take();
        CodePoints first = c == '\\' ? classEscape(take()) : CodePoints.of(c);
        boolean isRange = has('-') && at + 1 < text.length && text[at + 1] != ']';
        if (!isRange) {
            return first;
        }
        at++;
        int end = take();
        CodePoints last = end == '\\' ? classEscape(take()) : CodePoints.of(end);
        if (isSingle(first) && isSingle(last)) {
            if (first.first(0) > last.first(0)) {
                throw error("has a range of characters that is out of order");
            }
            return CodePoints.of(first.first(0), last.first(0));
        }
        return first.or(CodePoints.of('-')).or(last);
    }

    private static boolean isSingle(CodePoints set) {
        return set.count() == 1 && set.first(0) == set.last(0);
    }

    private CodePoints classEscape(int c) {
        return c == 'b' ? CodePoints.of('\b') : escaped(c);
    }
}
