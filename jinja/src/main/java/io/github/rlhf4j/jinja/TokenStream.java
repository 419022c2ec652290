package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Token.Kind;
import java.util.List;

/** Tokens with a position. */
final class TokenStream {
    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(position + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        position = Math.min(position + 1, tokens.size());
        return token;
    }

    Token expect(Kind kind) {
        if (peek().kind() != kind) {
            throw error("expected " + kind + ", but found " + describe(peek()));
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!takeOperator(operator)) {
            throw error("expected " + operator + ", but found " + describe(peek()));
        }
    }

    void expectName(String name) {
        if (!takeName(name)) {
            throw error("expected " + name + ", but found " + describe(peek()));
        }
    }

    boolean takeOperator(String operator) {
        return take(peek().isOperator(operator), 1);
    }

    boolean takeName(String name) {
        return take(peek().isName(name), 1);
    }

    /** Takes the beginning and the name of a block. */
    boolean takeBlock(String name) {
        return take(peek().kind() == Kind.BLOCK_BEGIN && peek(1).isName(name), 2);
    }

    private boolean take(boolean matches, int count) {
        position += matches ? count : 0;
        return matches;
    }

    private static String describe(Token token) {
        return token.text().isEmpty() ? token.kind().toString() : "\"" + token.text() + "\"";
    }

    JinjaException error(String problem) {
        return new JinjaException(problem).at(peek().line());
    }
}
