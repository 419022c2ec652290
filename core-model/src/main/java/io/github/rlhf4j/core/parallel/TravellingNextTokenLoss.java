package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/**
 * {@link NextTokenLoss} that travels.
 *
 * @param labelSmoothing share of each target that is spread over the vocabulary
 * @param endTokens ids of all tokens that end a turn or a text
 * @param bytes of tokens, for the metrics
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record TravellingNextTokenLoss(double labelSmoothing, int[] endTokens, TokenBytes bytes)
        implements TravellingObjective<List<TokenSequence>> {
    private static final String NAME = "next_token";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<List<TokenSequence>> objective() {
        return new NextTokenLoss(endTokens).withBytes(bytes).withLabelSmoothing(labelSmoothing);
    }

    @Override
    public void write(List<List<TokenSequence>> rows, WireWriter out) {
        SequenceBytes.write(out.putDouble(labelSmoothing), rows, bytes, endTokens);
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            double labelSmoothing = in.getDouble();
            SequenceBytes.Rows read = SequenceBytes.rows(in);
            return new WithRows<>(
                    new TravellingNextTokenLoss(labelSmoothing, read.endTokens(), read.bytes()), read.rows());
        }
    }
}
