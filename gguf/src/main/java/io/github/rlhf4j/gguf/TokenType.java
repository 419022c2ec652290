package io.github.rlhf4j.gguf;

/** {@code llama_token_type}. */
enum TokenType {
    NORMAL(1),
    UNKNOWN(2),
    CONTROL(3),
    USER_DEFINED(4),
    UNUSED(5),
    BYTE(6);

    private final int id;

    TokenType(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /** That of a number in a file; NORMAL for those that are none. */
    static TokenType of(double id) {
        for (TokenType type : values()) {
            if (type.id == id) {
                return type;
            }
        }
        return NORMAL;
    }
}
