package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.parallel.ObjectiveReader;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.tokens.ExampleFormat;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;

/**
 * {@link PreferenceObjective} that travels, of built-in losses.
 *
 * @param choice the losses by name
 * @param loss what they are here
 * @param useWeighting WPO
 * @param sums how log-probs are summed
 */
record TravellingPairLoss(LossChoice choice, PreferenceLoss loss, boolean useWeighting, ResponseSums sums)
        implements TravellingObjective<WithRefLogProbs<TokenizedPair>> {
    private static final String NAME = "pairs";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Objective<WithRefLogProbs<TokenizedPair>> objective() {
        return new PreferenceObjective(loss, choice.beta(), useWeighting, sums, Comparisons.IGNORED);
    }

    @Override
    public void write(List<WithRefLogProbs<TokenizedPair>> rows, WireWriter out) {
        choice.write(out);
        out.putBoolean(useWeighting).putDouble(sums.tailWeight());
        ScoredBytes.write(out, rows, ExampleFormat.PAIR::write);
    }

    /** Reads it. */
    public static final class Reader implements ObjectiveReader {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public WithRows<?> read(WireReader in) {
            LossChoice choice = LossChoice.read(in);
            TravellingPairLoss objective =
                    new TravellingPairLoss(choice, choice.loss(), in.getBoolean(), new ResponseSums(in.getDouble()));
            return new WithRows<>(objective, ScoredBytes.read(in, ExampleFormat.PAIR::read));
        }
    }
}
