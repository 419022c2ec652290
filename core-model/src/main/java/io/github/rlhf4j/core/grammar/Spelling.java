package io.github.rlhf4j.core.grammar;

import java.util.Locale;

/** How a character is written in bytes. */
enum Spelling {
    /** As it is. */
    PLAIN {
        @Override
        void write(GrammarBuilder grammar, int from, CodePoints set, int to) {
            grammar.utf8(from, set, to);
        }
    },
    /** Within a string of JSON: as it is where JSON allows that, else escaped, in one way. */
    JSON_STRING {
        @Override
        void write(GrammarBuilder grammar, int from, CodePoints set, int to) {
            grammar.utf8(from, set.and(UNESCAPED), to);
            if (set.containsAll(UNESCAPED.not())) {
                anyEscape(grammar, from, to);
                return;
            }
            CodePoints rest = set.and(UNESCAPED.not());
            for (int i = 0; i < rest.count(); i++) {
                for (int c = rest.first(i); c <= rest.last(i); c++) {
                    grammar.jump(grammar.text(from, escaped(c)), to);
                }
            }
        }
    };

    /** What a string of JSON may have as it is. */
    static final CodePoints UNESCAPED =
            CodePoints.of(0x20, CodePoints.MAX).and(CodePoints.of("\"\\").not());

    /** Any escape but halves of surrogate pairs: the character that it means is a character. */
    private static void anyEscape(GrammarBuilder grammar, int from, int to) {
        int escape = grammar.text(from, "\\");
        for (char c : "\"\\/bfnrt".toCharArray()) {
            grammar.bytes(escape, c, c, to);
        }
        int digits = grammar.text(escape, "u");
        int last2 = grammar.state();
        int last1 = grammar.state();
        int after = grammar.state();
        hex(grammar, last2, last1);
        hex(grammar, last1, to);
        hex(grammar, after, last2); // second digit, after a first one other than d
        int afterD = grammar.state();
        grammar.bytes(afterD, '0', '7', last2);
        for (int c : "0123456789abcefABCEF".toCharArray()) {
            grammar.bytes(digits, c, c, after);
        }
        grammar.bytes(digits, 'd', 'd', afterD);
        grammar.bytes(digits, 'D', 'D', afterD);
    }

    private static void hex(GrammarBuilder grammar, int from, int to) {
        grammar.bytes(from, '0', '9', to);
        grammar.bytes(from, 'a', 'f', to);
        grammar.bytes(from, 'A', 'F', to);
    }

    abstract void write(GrammarBuilder grammar, int from, CodePoints set, int to);

    private static String escaped(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> "\\u%04x".formatted(c).toLowerCase(Locale.ROOT);
        };
    }
}
