package io.github.rlhf4j.jinja;

/** A lexical element; {@code line} counts from 1. */
record Token(Kind kind, String text, int line) {
    enum Kind {
        TEXT,
        BLOCK_BEGIN,
        BLOCK_END,
        PRINT_BEGIN,
        PRINT_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind otherKind, String otherText) {
        return kind == otherKind && text.equals(otherText);
    }

    boolean isOperator(String operator) {
        return is(Kind.OPERATOR, operator);
    }

    boolean isName(String name) {
        return is(Kind.NAME, name);
    }
}
