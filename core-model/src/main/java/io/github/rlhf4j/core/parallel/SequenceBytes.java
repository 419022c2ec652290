package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/** Rows of sequences as bytes, with what metrics of next tokens need. */
public final class SequenceBytes {
    private SequenceBytes() {}

    /**
     * What was written.
     *
     * @param rows of one or more sequences
     * @param bytes of the tokens in them
     * @param endTokens ids of all tokens that end a turn or a text
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Rows(List<List<TokenSequence>> rows, TokenBytes bytes, int[] endTokens) {}

    /** Writes them. */
    public static void write(WireWriter out, List<List<TokenSequence>> rows, TokenBytes bytes, int[] endTokens) {
        out.putInts(endTokens);
        bytes.write(rows.stream().flatMap(List::stream).map(TokenSequence::ids), out);
        out.putList(rows, (to, row) -> to.putList(row, SequenceBytes::write));
    }

    /** Writes one sequence. */
    public static void write(WireWriter out, TokenSequence sequence) {
        out.putInts(sequence.ids()).putInts(sequence.targets());
        out.putInts(sequence.scalarRows()).putInts(sequence.targetIds());
    }

    /** Reads one sequence. */
    public static TokenSequence sequence(WireReader in) {
        return new TokenSequence(in.getInts(), in.getInts(), in.getInts(), in.getInts());
    }

    /** Reads rows with what was written beside them. */
    public static Rows rows(WireReader in) {
        int[] endTokens = in.getInts();
        TokenBytes bytes = TokenBytes.read(in);
        return new Rows(in.getList(row -> row.getList(SequenceBytes::sequence)), bytes, endTokens);
    }
}
