package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Rows of sequences as bytes, with what metrics of next tokens need. */
public final class SequenceBytes {
    private SequenceBytes() {}

    /**
     * What was packed.
     *
     * @param rows of one or more sequences
     * @param bytes of the tokens in them
     * @param endTokens ids of all tokens that end a turn or a text
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Packed(List<List<TokenSequence>> rows, TokenBytes bytes, int[] endTokens) {}

    /** Packs them. */
    public static byte[] pack(List<List<TokenSequence>> rows, TokenBytes bytes, int... endTokens) {
        return Bytes.of(out -> write(rows, bytes, endTokens, out));
    }

    static void write(List<List<TokenSequence>> rows, TokenBytes bytes, int[] endTokens, DataOutput out)
            throws IOException {
        Bytes.writeInts(endTokens, out);
        bytes.write(rows.stream().flatMap(List::stream).map(TokenSequence::ids), out);
        out.writeInt(rows.size());
        for (List<TokenSequence> row : rows) {
            out.writeInt(row.size());
            for (TokenSequence sequence : row) {
                Bytes.writeInts(sequence.ids(), out);
                Bytes.writeInts(sequence.targets(), out);
                Bytes.writeInts(sequence.scalarRows(), out);
                Bytes.writeInts(sequence.targetIds(), out);
            }
        }
    }

    /** Reads what {@link #pack} gave. */
    public static Packed unpack(byte[] packed) {
        return Bytes.read(packed, SequenceBytes::read);
    }

    static Packed read(DataInput in) throws IOException {
        int[] endTokens = Bytes.readInts(in);
        TokenBytes bytes = TokenBytes.read(in);
        List<List<TokenSequence>> rows = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            List<TokenSequence> row = new ArrayList<>();
            for (int more = in.readInt(); more > 0; more--) {
                row.add(new TokenSequence(
                        Bytes.readInts(in), Bytes.readInts(in), Bytes.readInts(in), Bytes.readInts(in)));
            }
            rows.add(row);
        }
        return new Packed(rows, bytes, endTokens);
    }
}
