package io.github.rlhf4j.serve;

import io.github.rlhf4j.core.tokenizer.TokenTexts;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Single tokens as texts, as OpenAI's interface shows them: a part of a character is {@code bytes:\xe2\x82}, a special token its name. */
final class TokenStrings {
    private final Tokenizer tokenizer;
    private final TokenTexts texts;

    TokenStrings(Tokenizer tokenizer, TokenTexts texts) {
        this.tokenizer = tokenizer;
        this.texts = texts;
    }

    byte[] bytes(int id) {
        if (id >= tokenizer.vocabSize()) { // a row of the model beyond the vocabulary
            return ("<" + id + ">").getBytes(StandardCharsets.UTF_8);
        }
        return tokenizer.isSpecial(id) ? tokenizer.token(id).getBytes(StandardCharsets.UTF_8) : texts.within()[id];
    }

    String of(int id) {
        byte[] bytes = bytes(id);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            StringBuilder text = new StringBuilder("bytes:");
            for (byte value : bytes) {
                text.append(String.format("\\x%02x", value & 0xFF));
            }
            return text.toString();
        }
    }
}
