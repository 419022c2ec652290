package io.github.rlhf4j.core.tokenizer;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of UTF-8 a token is in a text: 0 for special tokens, which are no text. Found out when a token is first asked for, and kept.
 *
 * <p>The space that SentencePiece puts before a text is not in the text: {@link #first} does not count it.
 */
public final class TokenBytes {
    private static final char REPLACEMENT = '\uFFFD';
    private static final String BYTE = "<0x[0-9A-F]{2}>";

    private static final int SPECIAL = -2; // where there is no tokenizer

    private final @Nullable Tokenizer tokenizer; // null where all that is asked for is known
    private final int[] known;
    private final int[] knownFirst;

    public TokenBytes(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.known = new int[tokenizer.vocabSize()];
        this.knownFirst = new int[tokenizer.vocabSize()];
        Arrays.fill(known, -1);
        Arrays.fill(knownFirst, -1);
    }

    private TokenBytes(int[] known, int[] knownFirst) {
        this.tokenizer = null;
        this.known = known;
        this.knownFirst = knownFirst;
    }

    /** Writes what is to be known of the tokens of some texts, for {@link #read}. */
    public void write(Stream<int[]> texts, WireWriter out) {
        int[] ids = texts.flatMapToInt(IntStream::of).distinct().sorted().toArray();
        out.putInts(ids);
        for (int id : ids) {
            out.putInt(isText(id) ? of(id) : SPECIAL).putInt(first(id));
        }
    }

    /** What {@link #write} wrote: it knows those tokens alone. */
    public static TokenBytes read(WireReader in) {
        int[] ids = in.getInts();
        int size = ids.length == 0 ? 0 : ids[ids.length - 1] + 1;
        TokenBytes table = new TokenBytes(new int[size], new int[size]);
        for (int id : ids) {
            table.known[id] = in.getInt();
            table.knownFirst[id] = in.getInt();
        }
        return table;
    }

    /** Within a text. */
    public synchronized int of(int id) {
        if (known[id] == SPECIAL) {
            return 0;
        }
        if (known[id] < 0) {
            known[id] = isText(id) ? within(id) : 0;
        }
        return known[id];
    }

    /** As the first token of a text. */
    public synchronized int first(int id) {
        if (knownFirst[id] < 0) {
            knownFirst[id] = isText(id) ? atTheStart(id) : 0;
        }
        return knownFirst[id];
    }

    /** Whether a token is text, that is, not special. */
    public boolean isText(int id) {
        return tokenizer == null ? known[id] != SPECIAL : !tokenizer.isSpecial(id);
    }

    private Tokenizer tokenizer() {
        if (tokenizer == null) {
            throw new IllegalStateException("only the tokens of some texts are known");
        }
        return tokenizer;
    }

    private int within(int id) {
        int bytes = ofPart(id);
        return bytes > 0 ? bytes : length(id, id) - length(id); // decoders may cut the first token's space off
    }

    private int atTheStart(int id) {
        int bytes = ofPart(id);
        return bytes > 0 ? bytes : length(id);
    }

    /** Of a token that is a byte, or bytes that are no characters alone: byte-level tokenizers write a character a byte. 0 for any other. */
    private int ofPart(int id) {
        String token = tokenizer().token(id);
        if (token.matches(BYTE)) {
            return 1;
        }
        return tokenizer().decode(new int[] {id}, false).indexOf(REPLACEMENT) >= 0 ? token.length() : 0;
    }

    private int length(int... ids) {
        return tokenizer().decode(ids, false).getBytes(StandardCharsets.UTF_8).length;
    }
}
