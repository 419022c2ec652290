package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.tokens.ExampleFormat;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.List;

/**
 * {@link PlackettLuceObjective} that travels.
 *
 * @param beta strength of the pull towards the reference
 */
record TravellingPlackettLuce(double beta) implements TravellingObjective<WithRefLogProbs<TokenizedRanking>> {
    private static final String NAME = "plackett_luce";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<WithRefLogProbs<TokenizedRanking>> objective() {
        return new PlackettLuceObjective(beta);
    }

    @Override
    public void write(List<WithRefLogProbs<TokenizedRanking>> rows, WireWriter out) {
        ScoredBytes.write(out.putDouble(beta), rows, ExampleFormat.RANKING::write);
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            return new WithRows<>(
                    new TravellingPlackettLuce(in.getDouble()), ScoredBytes.read(in, ExampleFormat.RANKING::read));
        }
    }
}
