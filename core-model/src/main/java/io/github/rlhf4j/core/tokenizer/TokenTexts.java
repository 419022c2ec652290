package io.github.rlhf4j.core.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What each token of a vocabulary writes, in bytes of UTF-8, of which a token may be a part of a character: within a text, and as a text's first token. Special tokens write nothing. */
public final class TokenTexts {
    private static final char REPLACEMENT = '\uFFFD';
    private static final byte[] NOTHING = {};

    private final byte[][] within;
    private final byte[][] first;

    private TokenTexts(byte[][] within, byte[][] first) {
        this.within = within;
        this.first = first;
    }

    /** Asks the tokenizer for the text of each token. */
    public static TokenTexts of(Tokenizer tokenizer) {
        int size = tokenizer.vocabSize();
        byte[][] within = new byte[size][];
        byte[][] first = new byte[size][];
        for (int id = 0; id < size; id++) {
            first[id] = NOTHING;
            within[id] = NOTHING;
            if (!tokenizer.isSpecial(id)) {
                find(tokenizer, id, within, first);
            }
        }
        return new TokenTexts(within, first);
    }

    private static void find(Tokenizer tokenizer, int id, byte[][] within, byte[][] first) {
        String token = tokenizer.token(id);
        String alone = tokenizer.decode(new int[] {id}, false);
        if (isByte(token) && !alone.equals(token)) {
            within[id] = new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
            first[id] = alone.isEmpty() ? NOTHING : within[id];
        } else if (alone.indexOf(REPLACEMENT) >= 0 && isByteLevel(token)) {
            within[id] = byteLevel(token);
            first[id] = within[id];
        } else {
            String twice = tokenizer.decode(new int[] {id, id}, false);
            first[id] = alone.getBytes(StandardCharsets.UTF_8);
            within[id] = twice.equals(alone + alone)
                    ? first[id]
                    : twice.substring(Math.min(alone.length(), twice.length())).getBytes(StandardCharsets.UTF_8);
        }
    }

    private static boolean isByte(String token) {
        return token.length() == 6 && token.matches("<0x[0-9A-Fa-f]{2}>");
    }

    private static boolean isByteLevel(String token) {
        return !token.isEmpty() && token.chars().allMatch(c -> BYTES.containsKey((char) c));
    }

    private static byte[] byteLevel(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) BYTES.getOrDefault(token.charAt(i), 0).intValue();
        }
        return bytes;
    }

    private static final Map<Character, Integer> BYTES = bytes();

    private static Map<Character, Integer> bytes() {
        Map<Character, Integer> bytes = new HashMap<>(); // looked up only
        for (int value = 0; value < 256; value++) {
            bytes.put(ByteLevel.character(value), value);
        }
        return bytes;
    }

    /** By id, within a text; empty for special tokens and ids without a token. Not to be changed. */
    public byte[][] within() {
        return within;
    }

    /** The same as a text's first token: decoders of SentencePiece's kind cut its space off. */
    public byte[][] first() {
        return first;
    }
}
