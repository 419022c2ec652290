package io.github.rlhf4j.core.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Text to token ids and back. Implementations are safe for use by several threads.
 *
 * <p>Text that is not valid UTF-16 is read as if each lone surrogate were U+FFFD. No method truncates or pads.
 */
public interface Tokenizer {
    /** Number of rows an embedding needs for every id of this tokenizer: the largest id plus one. */
    int vocabSize();

    /** As {@link #encode(String, boolean, boolean)} with special tokens in the text read as tokens, the usual default. */
    default int[] encode(String text, boolean addSpecialTokens) {
        return encode(text, addSpecialTokens, false);
    }

    /**
     * Token ids of a text.
     *
     * @param addSpecialTokens adds what the tokenizer's own template adds, usually BOS in front; a text that already
     *     begins with BOS does not get another one
     * @param splitSpecialTokens true reads a special token's text ({@code </s>}) as ordinary text, false as the token
     */
    int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens);

    /** A text that may be put between special tokens and stays text: what {@link #encodeWithSpans} reads when told that there are marks. The same text where it holds no special token's. */
    default String markSpecialTokens(String text) {
        throw new UnsupportedOperationException("this tokenizer does not mark special tokens");
    }

    /**
     * Token ids of a text, without adding special tokens, and the chars that each covers.
     *
     * @param marked whether parts of it come from {@link #markSpecialTokens}
     */
    default TokenSpans encodeWithSpans(String text, boolean marked) {
        throw new UnsupportedOperationException("this tokenizer does not say which chars a token covers");
    }

    /**
     * Text of token ids; bytes that are not UTF-8 become U+FFFD.
     *
     * @param ids those without a token yield nothing: models often have rows beyond the tokenizer's vocabulary
     * @throws IllegalArgumentException if an id is below 0
     */
    String decode(int[] ids, boolean skipSpecialTokens);

    /** Id of the token that begins a text, if there is one. */
    OptionalInt bosId();

    /** Id of the token that ends a text, if there is one. It may equal {@link #padId}, and still ends the text. */
    OptionalInt eosId();

    /** Id of the padding token, which nothing here ever uses, if there is one. */
    OptionalInt padId();

    /** Id of the token that stands for what the vocabulary does not hold, if there is one. */
    OptionalInt unkId();

    /** Ids at which generation stops: the end token, then the further ones that generation_config.json lists. */
    default int[] stopIds() {
        return eosId().stream().toArray();
    }

    /** Whether generation stops at a token: it ends a turn or a text. */
    default boolean isStop(int id) {
        for (int stop : stopIds()) {
            if (stop == id) {
                return true;
            }
        }
        return false;
    }

    /**
     * The vocabulary's own spelling of a token (for example {@code Ġthe}); empty where the id has none.
     *
     * @throws IllegalArgumentException if the id is below 0
     */
    String token(int id);

    /** Id of a token given in the vocabulary's own spelling. */
    OptionalInt id(String token);

    /** Whether the id is a special token, which {@code decode(ids, true)} leaves out. */
    boolean isSpecial(int id);

    /** The Jinja chat templates of the model by name, {@code default} first where there is one. */
    default Map<String, String> chatTemplates() {
        return Map.of();
    }

    /** The one that is used where none is named, if there is one. */
    default Optional<String> chatTemplate() {
        return Optional.ofNullable(chatTemplates().get("default"));
    }

    /** A decoder that is fed one id at a time and whose pieces, joined, equal {@code decode(ids, true)}. */
    StreamingDecoder streamingDecoder();

    /** The text of each token of a sequence, to be read; special tokens have their own spelling. A token that is a part of a character has none: the character is with the last of its tokens. */
    default List<String> texts(int[] ids) {
        StreamingDecoder decoder = streamingDecoder();
        List<String> texts = new ArrayList<>(ids.length);
        for (int i = 0; i < ids.length; i++) {
            String text = decoder.push(ids[i]) + (i == ids.length - 1 ? decoder.finish() : "");
            texts.add(isSpecial(ids[i]) ? text + token(ids[i]) : text);
        }
        return texts;
    }
}
