package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.tokenizer.TokenTexts;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** The characters that a tokenizer can write by themselves, so that no text ends where no token continues it: those that are a token, or whose bytes are tokens. */
final class Writable {
    private Writable() {}

    static CodePoints of(TokenTexts texts) {
        boolean[] bytes = new boolean[256];
        Set<String> single = new HashSet<>(); // looked up only
        for (byte[] token : texts.within()) {
            if (token.length == 1) {
                bytes[token[0] & 0xFF] = true;
            } else if (token.length <= 4) {
                single.add(new String(token, StandardCharsets.UTF_8));
            }
        }
        CodePoints found = CodePoints.where(c -> {
            if (c < 0x80) {
                return bytes[c];
            }
            boolean isHalf = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            return isHalf || single.contains(Character.toString(c)) || allBytes(c, bytes);
        });
        return found.containsAll(CodePoints.ALL) ? CodePoints.ALL : found;
    }

    private static boolean allBytes(int c, boolean[] bytes) {
        for (byte value : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
            if (!bytes[value & 0xFF]) {
                return false;
            }
        }
        return true;
    }
}
