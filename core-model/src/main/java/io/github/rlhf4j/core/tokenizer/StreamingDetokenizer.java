package io.github.rlhf4j.core.tokenizer;

import java.util.Arrays;

/**
 * Decodes a short window of ids again with each new one, and returns what the window's text gained.
 *
 * <p>The window keeps at least one earlier token, so that a decoder which strips the first space of a text does it at
 * the text's beginning only. Two things are held back: a last U+FFFD, which may be the beginning of a character, and
 * the text of a run of byte tokens ({@code <0xE4>}), which the library reads as a whole.
 */
final class StreamingDetokenizer implements StreamingDecoder {
    private final Tokenizer tokenizer;
    private int[] window = new int[8];
    private int size;
    private int emitted; // characters of the window's text that were returned already

    StreamingDetokenizer(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    @Override
    public String push(int id) {
        if (tokenizer.isSpecial(id) || id >= tokenizer.vocabSize()) {
            return "";
        }
        if (size == window.length) {
            window = Arrays.copyOf(window, 2 * size);
        }
        window[size++] = id;
        if (isByteToken(tokenizer.token(id))) {
            return "";
        }
        String text = windowText();
        int certain = text.endsWith("\uFFFD") ? text.length() - 1 : text.length();
        String piece = take(text, certain);
        if (certain == text.length() && size > 1) {
            window[0] = id;
            size = 1;
            emitted = windowText().length();
        }
        return piece;
    }

    @Override
    public String finish() {
        String text = windowText();
        return take(text, text.length());
    }

    private String take(String text, int end) {
        String piece = end > emitted ? text.substring(emitted, end) : "";
        emitted = Math.max(emitted, end);
        return piece;
    }

    private String windowText() {
        return tokenizer.decode(Arrays.copyOf(window, size), true);
    }

    private static boolean isByteToken(String token) {
        return token.length() == 6 && token.startsWith("<0x") && token.endsWith(">");
    }
}
