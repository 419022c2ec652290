package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.SequenceBytes;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.List;

/**
 * {@link DynamicFineTuningLoss} that travels.
 *
 * @param bytes of tokens, for the metrics
 * @param endTokens ids of all tokens that end a turn or a text
 */
@SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
public record TravellingDynamicLoss(TokenBytes bytes, int[] endTokens)
        implements TravellingObjective<List<TokenSequence>> {
    private static final String NAME = "dynamic_fine_tuning";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<List<TokenSequence>> objective() {
        return new DynamicFineTuningLoss(bytes, endTokens);
    }

    @Override
    public void write(List<List<TokenSequence>> rows, WireWriter out) {
        SequenceBytes.write(out, rows, bytes, endTokens);
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            SequenceBytes.Rows read = SequenceBytes.rows(in);
            return new WithRows<>(new TravellingDynamicLoss(read.bytes(), read.endTokens()), read.rows());
        }
    }
}
