package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a template into tokens, with trim_blocks and lstrip_blocks as Jinja2 does them. */
final class Lexer {
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final Pattern NUMBER = Pattern.compile("(\\d+(?:_\\d+)*)(\\.\\d+(?:_\\d+)*)?([eE][+-]?\\d+)?");
    private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private boolean lineStarting = true;
    private int lineCounted; // line feeds before counted
    private int counted; // characters

    private Lexer(String source) {
        String normal = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = normal.endsWith("\n") ? normal.substring(0, normal.length() - 1) : normal;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        try {
            lexer.run();
        } catch (JinjaException e) {
            throw e.at(lexer.line());
        } catch (RuntimeException e) { // an escape that is no character, for example
            throw JinjaException.of(e).at(lexer.line());
        }
        return lexer.tokens;
    }

    private void run() {
        while (position < source.length()) {
            int begin = nextBegin();
            if (begin < 0) {
                add(Kind.TEXT, source.substring(position));
                position = source.length();
                break;
            }
            char type = source.charAt(begin + 1);
            char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
            boolean signed = sign == '-' || (sign == '+' && type != '{');
            addTextBefore(source.substring(position, begin), type, signed ? sign : ' ');
            position = begin + (signed ? 3 : 2);
            lineStarting = false;
            switch (type) {
                case '#' -> skipComment();
                case '%' -> block();
                default -> expression(Kind.PRINT_BEGIN, Kind.PRINT_END, "}}");
            }
        }
        add(Kind.END, "");
    }

    private int nextBegin() {
        for (int i = source.indexOf('{', position); i >= 0; i = source.indexOf('{', i + 1)) {
            if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void addTextBefore(String text, char type, char sign) {
        String kept = text;
        if (sign == '-') {
            kept = text.stripTrailing();
        } else if (sign != '+' && type != '{') {
            int line = text.lastIndexOf('\n') + 1;
            if ((line > 0 || lineStarting) && text.substring(line).isBlank()) {
                kept = text.substring(0, line);
            }
        }
        if (!kept.isEmpty()) {
            add(Kind.TEXT, kept);
        }
    }

    private void skipComment() {
        int end = source.indexOf("#}", position);
        if (end < 0) {
            throw error("comment is not closed");
        }
        char sign = end > position ? source.charAt(end - 1) : ' ';
        position = end + 2;
        afterEnd(sign, true);
    }

    private void block() {
        Matcher raw = Pattern.compile("\\s*raw\\s*([-+]?)%\\}").matcher(source).region(position, source.length());
        if (raw.lookingAt()) {
            position = raw.end();
            afterEnd(raw.group(1).isEmpty() ? ' ' : raw.group(1).charAt(0), true);
            raw();
            return;
        }
        expression(Kind.BLOCK_BEGIN, Kind.BLOCK_END, "%}");
    }

    private void raw() {
        Matcher end = END_RAW.matcher(source);
        if (!end.find(position)) {
            throw error("{% raw %} is not closed");
        }
        addTextBefore(
                source.substring(position, end.start()),
                '%',
                end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0));
        position = end.end();
        afterEnd(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
    }

    /** What follows an end: all white space goes after a minus, one line feed after a block without a plus. */
    private void afterEnd(char sign, boolean trims) {
        int start = position;
        if (sign == '-') {
            while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
                position++;
            }
        } else if (trims && sign != '+' && source.startsWith("\n", position)) {
            position++;
        }
        lineStarting = position > start && source.charAt(position - 1) == '\n';
    }

    private void expression(Kind begin, Kind end, String close) {
        add(begin, "");
        int depth = 0;
        while (true) {
            while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
                position++;
            }
            if (position >= source.length()) {
                throw error("a {{ or {% is not closed");
            }
            char c = source.charAt(position);
            boolean signed = c == '-' || (c == '+' && end == Kind.BLOCK_END);
            if (depth == 0 && source.startsWith(close, position + (signed ? 1 : 0))) {
                add(end, "");
                position += close.length() + (signed ? 1 : 0);
                afterEnd(signed ? c : ' ', end == Kind.BLOCK_END);
                return;
            }
            depth += element(c);
        }
    }

    /** Reads one element of an expression and returns by how much it changes the depth of brackets. */
    private int element(char c) {
        if (c == '\'' || c == '"') {
            string(c);
            return 0;
        }
        if (take(NUMBER, Kind.INTEGER) || take(NAME, Kind.NAME)) {
            return 0;
        }
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                add(Kind.OPERATOR, operator);
                position += operator.length();
                return "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
            }
        }
        throw error("character " + c + " is not expected");
    }

    private boolean take(Pattern pattern, Kind kind) {
        Matcher matcher = pattern.matcher(source).region(position, source.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        boolean real = kind == Kind.INTEGER && (matcher.group(2) != null || matcher.group(3) != null);
        String text = kind == Kind.INTEGER ? matcher.group().replace("_", "") : matcher.group();
        add(real ? Kind.FLOAT : kind, text);
        position = matcher.end();
        return true;
    }

    private void string(char quote) {
        int start = position++;
        while (position < source.length() && source.charAt(position) != quote) {
            position += source.charAt(position) == '\\' ? 2 : 1;
        }
        if (position >= source.length()) {
            position = start;
            throw error("a string is not closed");
        }
        add(Kind.STRING, Escapes.resolve(source.substring(start + 1, position)));
        position++;
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line()));
    }

    private int line() {
        int end = Math.min(position, source.length());
        if (end < counted) { // an error that points back
            counted = 0;
            lineCounted = 0;
        }
        for (; counted < end; counted++) {
            lineCounted += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return 1 + lineCounted;
    }

    private JinjaException error(String problem) {
        return new JinjaException(problem).at(line());
    }
}
